/** A fault of a cluster that is not ours: a command of the user's breaks something, and one mends it. */
import { spawn } from 'node:child_process'
import { type Clock, HawserError, type Milliseconds, milliseconds } from '@hawser/std'
import type { Fault } from './fault.ts'

export interface CommandFault {
  readonly name: string
  /** For `sh -c`. */
  readonly inject: string
  readonly undo?: string | undefined
  readonly holdMs: Milliseconds
  /** Of each command; it is killed then. */
  readonly limitMs: Milliseconds
}

/** Behind Ctrl-C there is little time until the process must be gone. */
const undoMsMaxWhenAborted = milliseconds(3_500)
const tailBytesMax = 1024

export const commandFault = ({ name, inject, undo, holdMs, limitMs }: CommandFault): Fault => ({
  name,
  holdMs,
  async inject(context) {
    const { clock, signal } = context
    if (undo !== undefined) {
      context.undo.defer(async () => {
        const limit = signal.aborted ? Math.min(limitMs, undoMsMaxWhenAborted) : limitMs
        await runCommand(`undo of ${name}`, undo, clock, milliseconds(limit))
      })
    }
    await runCommand(`inject of ${name}`, inject, clock, limitMs, signal)
    return inject
  },
})

/** In a process group of its own, so that a terminal's Ctrl-C does not end it half done. */
async function runCommand(
  what: string,
  command: string,
  clock: Clock,
  limitMs: Milliseconds,
  signal?: AbortSignal,
): Promise<void> {
  const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const killGroup = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It has ended.
    }
  }
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-tailBytesMax)
    })
  }
  let isLate = false
  using _limit = clock.after(limitMs, () => {
    isLate = true
    killGroup()
  })
  signal?.addEventListener('abort', killGroup)
  try {
    const [code, end] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.once('exit', (exitCode, exitSignal) => resolve([exitCode, exitSignal]))
      child.once('error', reject)
    })
    // What it has left behind may hold the pipes.
    child.stdout.destroy()
    child.stderr.destroy()
    if (code === 0) return
    signal?.throwIfAborted()
    const how = isLate ? `took longer than ${limitMs / 1000} s` : `ended with ${end ?? code}`
    throw new HawserError('USAGE', `${what} ${how}: ${said.trim().split('\n').at(-1) || command}`, {
      mend: 'try the command alone',
    })
  } finally {
    signal?.removeEventListener('abort', killGroup)
  }
}
