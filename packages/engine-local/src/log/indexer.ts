/** Sees to it that what is durable gets indexed: gives the worker one stretch at a time, and lets it go when idle. */
import { Worker } from 'node:worker_threads'
import { type Clock, HawserError, type Milliseconds, milliseconds } from '@hawser/std'
import { segmentHeaderBytes } from './format.ts'
import { indexBlockBytes } from './index-block.ts'
import type { IndexAnswer, IndexJob, IndexWorkerData } from './index-protocol.ts'
import type { Segment, Segments } from './segments.ts'

const idleMsMax: Milliseconds = milliseconds(10_000)
const retryMs: Milliseconds = milliseconds(30_000)
const workerHeapMbMax = 256

export interface IndexerOptions extends IndexWorkerData {
  readonly segments: Segments
  readonly clock: Clock
  /** Indexing failed for now; searches scan what it would have covered. */
  readonly onFault: (error: HawserError) => void
}

interface Work {
  readonly segment: Segment
  readonly job: IndexJob
}

export class Indexer {
  readonly #options: IndexerOptions
  #worker: Worker | undefined
  #current: Work | undefined
  #timer: Disposable | undefined
  #isClosed = false
  #dictionaryBytes: number
  readonly #onIdle: (() => void)[] = []

  constructor(options: IndexerOptions) {
    this.#options = options
    this.#dictionaryBytes = options.dictionaryBytes
  }

  /** To be called when there may be something to index. Cheap when there is not. */
  readonly wake = (): void => {
    if (this.#isClosed || this.#current !== undefined) return
    const work = this.#nextWork()
    if (work === undefined) return this.#settleWaiters()
    this.#timer?.[Symbol.dispose]()
    this.#current = work
    this.#worker ??= this.#startWorker()
    this.#worker.postMessage(work.job)
  }

  /** Resolves when all that can be indexed is, or when indexing has failed for now. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle.push(resolve)
      this.wake()
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#settleWaiters()
    await this.#stopWorker()
  }

  #nextWork(): Work | undefined {
    for (const segment of this.#options.segments.all) {
      const unindexedBytes = segment.dataEnd - segment.indexedEnd
      if (unindexedBytes < (segment.isSealed ? 1 : indexBlockBytes)) continue
      const last = segment.blocks.at(-1)
      const job = {
        segmentPath: segment.path,
        fileStart: last?.fileEnd ?? segmentHeaderBytes,
        fileEnd: segment.dataEnd,
        first: segment.indexedNext,
        next: segment.end,
        indexPath: segment.indexPath,
        at: last === undefined ? 0 : last.at + last.bytes,
      }
      return { segment, job }
    }
    return undefined
  }

  #startWorker(): Worker {
    const { files, dictionaryPath, topicsMax, recordBytesMax } = this.#options
    const dictionaryBytes = this.#dictionaryBytes
    const worker = new Worker(new URL('./index-worker.ts', import.meta.url), {
      name: 'hawser-index',
      workerData: { files, dictionaryPath, dictionaryBytes, topicsMax, recordBytesMax } satisfies IndexWorkerData,
      resourceLimits: { maxOldGenerationSizeMb: workerHeapMbMax, maxYoungGenerationSizeMb: 8 },
      execArgv: [],
      trackUnmanagedFds: false,
    })
    worker.unref()
    worker.on('message', (answer: IndexAnswer) => this.#settle(answer))
    worker.on('error', (error) => {
      this.#worker = undefined
      this.#settle({ kind: 'failed', message: error.message })
    })
    return worker
  }

  #settle(answer: IndexAnswer): void {
    const work = this.#current
    this.#current = undefined
    if (work === undefined || this.#isClosed) return
    switch (answer.kind) {
      case 'indexed':
        this.#dictionaryBytes = Math.max(this.#dictionaryBytes, answer.block.dictionaryBytes)
        work.segment.addBlock(answer.block)
        this.#after(idleMsMax, () => void this.#stopWorker())
        return this.wake()
      case 'failed':
        this.#options.onFault(
          new HawserError('LOG_FAILED', `indexing ${work.job.segmentPath} failed: ${answer.message}`, {
            retryable: true,
          }),
        )
        this.#after(retryMs, this.wake)
        return this.#settleWaiters()
      default:
        throw answer satisfies never
    }
  }

  #settleWaiters(): void {
    for (const resolve of this.#onIdle.splice(0)) resolve()
  }

  #after(delay: Milliseconds, callback: () => void): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = this.#options.clock.after(delay, callback)
  }

  async #stopWorker(): Promise<void> {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }
}
