/** The event loop's side of the commit worker: one request at a time, each answered by a callback. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import {
  answeredWord,
  CommitChannel,
  type CommitRequest,
  type CommitWorkerData,
  requestedWord,
} from './commit-protocol.ts'
import type { CommitOutcome } from './segment-writer.ts'

/** Enough for the few modules that the worker runs. */
const workerHeapMbMax = 32

export type CommitterData = Omit<CommitWorkerData, 'channel'>

export class Committer {
  readonly #channel = new CommitChannel()
  readonly #worker: Worker
  readonly #ended: Promise<unknown>
  #onOutcome: ((outcome: CommitOutcome) => void) | undefined
  #answered = 0
  /** Why the worker is no more. */
  #death: CommitOutcome | undefined

  private constructor(data: CommitterData) {
    this.#worker = new Worker(new URL('./commit-worker.ts', import.meta.url), {
      name: 'hawser-commit',
      workerData: { ...data, channel: this.#channel.shared } satisfies CommitWorkerData,
      resourceLimits: { maxOldGenerationSizeMb: workerHeapMbMax, maxYoungGenerationSizeMb: 2 },
      // It takes none of the process's flags: not its debugger, nor its loaders.
      execArgv: [],
      trackUnmanagedFds: false,
    })
    this.#ended = once(this.#worker, 'exit')
    this.#worker.on('error', (error) => this.#die(`the commit worker failed: ${error.message}`))
    this.#worker.on('exit', () => this.#die('the commit worker has ended'))
  }

  /** Starts the worker; the outcome tells whether its first segment is there. */
  static async start(data: CommitterData): Promise<[Committer, CommitOutcome]> {
    const committer = new Committer(data)
    const outcome = await new Promise<CommitOutcome>((resolve) => committer.#await(resolve))
    return [committer, outcome]
  }

  request(request: CommitRequest, onOutcome: (outcome: CommitOutcome) => void): void {
    this.#channel.writeRequest(request)
    Atomics.add(this.#channel.words, requestedWord, 1)
    Atomics.notify(this.#channel.words, requestedWord)
    this.#await(onOutcome)
  }

  /** Seals the open segment where it can, and ends the worker. */
  async close(): Promise<void> {
    await new Promise<CommitOutcome>((resolve) => this.request({ kind: 'close' }, resolve))
    await this.#ended
  }

  #die(message: string): void {
    this.#death ??= { kind: 'failed', message }
    this.#settle(this.#death)
  }

  #await(onOutcome: (outcome: CommitOutcome) => void): void {
    const death = this.#death
    if (death !== undefined) return queueMicrotask(() => onOutcome(death))
    this.#onOutcome = onOutcome
    const waiting = Atomics.waitAsync(this.#channel.words, answeredWord, this.#answered)
    if (waiting.async) void waiting.value.then(this.#answer)
    else queueMicrotask(this.#answer)
  }

  readonly #answer = (): void => {
    this.#answered = Atomics.load(this.#channel.words, answeredWord)
    this.#settle(this.#channel.readOutcome())
  }

  #settle(outcome: CommitOutcome): void {
    const onOutcome = this.#onOutcome
    this.#onOutcome = undefined
    onOutcome?.(outcome)
  }
}
