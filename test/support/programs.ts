/** Programs that a test needs beside the project: found, or the reason for a skip by name. */
import { spawn, spawnSync } from 'node:child_process'

/** `false` where the program is there; else why the test is skipped and how to get it. */
export function missing(program: string, howToGet: string): string | false {
  const found = spawnSync('sh', ['-c', `command -v ${program} || command -v /usr/sbin/${program}`]).status === 0
  return found ? false : `${program} is not installed: ${howToGet}`
}

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly finished: Promise<Finished>
  readonly kill: (signal: NodeJS.Signals) => void
  /** Resolves when the output so far contains `text`. */
  printed(text: string): Promise<void>
}

export function start(program: string, args: readonly string[], input = ''): Running {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  const waiting = new Set<() => void>()
  const changed = (): void => {
    for (const check of waiting) check()
  }
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes.toString()
    changed()
  })
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes.toString()
    changed()
  })
  // A program may end before it has read its input.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
  return {
    finished,
    kill: (signal) => child.kill(signal),
    printed: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!`${stdout}${stderr}`.includes(text)) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        void finished.then(({ stdout, stderr }) => {
          if (!`${stdout}${stderr}`.includes(text))
            reject(new Error(`ended without printing ${text}: ${stdout}${stderr}`))
        }, reject)
        check()
      }),
  }
}
