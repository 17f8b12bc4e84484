/** A real `hawser` process, started as a user does. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { milliseconds, systemClock } from '@hawser/std'

/** A process that prints something else than is waited for would hold a test until the runner's own limit. */
const patienceMs = milliseconds(120_000)

const launcher = fileURLToPath(new URL('../../bin/hawser.mjs', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningHawser extends AsyncDisposable {
  readonly pid: number
  /** Resolves with the match in what it has printed on stdout or stderr; rejects if it ends first, or says too long nothing like it. */
  prints(pattern: RegExp): Promise<RegExpExecArray>
  kill(signal: NodeJS.Signals): void
  readonly ended: Promise<Ended>
}

export function startHawser(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningHawser {
  const child = spawn(process.execPath, [launcher, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...env },
  })
  const output = { stdout: '', stderr: '' }
  const heard = new EventTarget()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
      heard.dispatchEvent(new Event('heard'))
    })
  }
  let isOver = false
  const ended = once(child, 'close').then(([code, signal]): Ended => {
    isOver = true
    heard.dispatchEvent(new Event('heard'))
    return { code, signal, ...output }
  })
  return {
    pid: child.pid ?? 0,
    ended,
    kill: (signal) => child.kill(signal),
    async prints(pattern) {
      let isLate = false
      using _patience = systemClock.after(patienceMs, () => {
        isLate = true
        heard.dispatchEvent(new Event('heard'))
      })
      for (;;) {
        const match = pattern.exec(output.stdout) ?? pattern.exec(output.stderr)
        if (match !== null) return match
        if (isOver)
          throw new Error(
            `it ended (${child.exitCode ?? child.signalCode}) without printing ${pattern}:\n${output.stdout}${output.stderr}`,
          )
        if (isLate) throw new Error(`it has not printed ${pattern}:\n${output.stdout}${output.stderr}`)
        await once(heard, 'heard')
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** For commands that end by themselves. */
export const runHawserProcess = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  startHawser(args, env).ended
