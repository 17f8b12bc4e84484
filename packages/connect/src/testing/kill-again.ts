/** Starts the process that runs a connector again and again, and kills it each time a little later, until it is done. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { milliseconds, type Random, seededRandom, sleep, systemClock } from '@hawser/std'

const script = fileURLToPath(new URL('./process-to-kill.ts', import.meta.url))
const pauseMsMax = 8

export interface ProcessOptions {
  readonly kind: 'file' | 'pglite' | 'postgres' | 'webhook'
  /** Folder or URL. */
  readonly target: string
  /** Where the cursor is kept, of a sink that has no place for it. */
  readonly stateFolder?: string
  readonly logId: string
  readonly messages: number
}

export interface KillOptions extends ProcessOptions {
  readonly kills: number
}

/** Resolves with how many were killed at work once one has come to the end undisturbed. */
export async function killAgain(options: KillOptions): Promise<number> {
  const random = seededRandom(11)
  let killed = 0
  for (let round = 0; round < options.kills; round++) if (await runAndKill(options, random)) killed++
  const last = startProcess(options)
  last.stdout.resume()
  const [code] = await once(last, 'exit')
  if (code !== 0) throw new Error(`the process that was left alone ended with ${code}`)
  return killed
}

/** It prints a line after each batch. */
export const startProcess = ({ kind, target, logId, messages, stateFolder = '' }: ProcessOptions) =>
  spawn(process.execPath, [script, kind, target, logId, String(messages), stateFolder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })

/** Lets a few batches pass, then kills at a random instant within the next ones. */
async function runAndKill(options: KillOptions, random: Random): Promise<boolean> {
  const child = startProcess(options)
  const exit = once(child, 'exit')
  let batches = 2 + random.integer(12)
  child.stdout.on('data', (chunk: Buffer) => {
    batches -= chunk.toString().split('\n').length - 1
    if (batches > 0) return
    child.stdout.removeAllListeners('data').resume()
    // The instant is wanted at random: no event marks it.
    void sleep(systemClock, milliseconds(random.next() * pauseMsMax)).then(() => child.kill('SIGKILL'))
  })
  const [, signal] = await exit
  return signal === 'SIGKILL'
}
