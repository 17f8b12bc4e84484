/**
 * The event loop's side of the commit worker: one request at a time, each answered by a callback. The thread costs some
 * 20 MB, so it is started by the first request: a log that nobody appends to has none.
 */
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
  readonly #data: CommitterData
  #thread: CommitThread | undefined

  constructor(data: CommitterData) {
    this.#data = data
  }

  request(request: CommitRequest, onOutcome: (outcome: CommitOutcome) => void): void {
    if (this.#thread !== undefined) return this.#thread.request(request, onOutcome)
    const thread = new CommitThread(this.#data)
    this.#thread = thread
    thread.started((outcome) => {
      if (outcome.kind === 'durable') return thread.request(request, onOutcome)
      // Without its first segment it can do nothing: the next request begins anew.
      this.#thread = undefined
      void thread.close()
      onOutcome(outcome)
    })
  }

  /** Seals the open segment where it can, and ends the worker. */
  async close(): Promise<void> {
    await this.#thread?.close()
  }
}

class CommitThread {
  readonly #channel = new CommitChannel()
  readonly #worker: Worker
  readonly #ended: Promise<unknown>
  #onOutcome: ((outcome: CommitOutcome) => void) | undefined
  #answered = 0
  /** Why the worker is no more. */
  #death: CommitOutcome | undefined

  constructor(data: CommitterData) {
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

  /** Tells once whether the worker's first segment is there. */
  started(onOutcome: (outcome: CommitOutcome) => void): void {
    this.#await(onOutcome)
  }

  request(request: CommitRequest, onOutcome: (outcome: CommitOutcome) => void): void {
    this.#channel.writeRequest(request)
    Atomics.add(this.#channel.words, requestedWord, 1)
    Atomics.notify(this.#channel.words, requestedWord)
    this.#await(onOutcome)
  }

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
