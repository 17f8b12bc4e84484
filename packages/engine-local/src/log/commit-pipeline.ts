/**
 * Group commit: while one batch is on its way to the disk the next one gathers; a batch goes as soon as the disk is
 * free, and when it is, at the end of the event loop's turn.
 */
import { type CommitListeners, type LogStatus, type Partition, RecordPlaces } from '@hawser/engine'
import { type Clock, disposable, HawserError, type Milliseconds, milliseconds } from '@hawser/std'
import type { Committer } from './committer.ts'
import { diskFullError } from './folder.ts'
import { placeRecords } from './frames.ts'
import type { GatherBuffer, GatheredRange } from './gather-buffer.ts'
import type { CommitOutcome } from './segment-writer.ts'
import type { Segments } from './segments.ts'

const fullRetryMs: Milliseconds = milliseconds(1000)

export interface CommitPipelineOptions {
  readonly partition: Partition
  readonly gathered: GatherBuffer
  readonly committer: Committer
  readonly segments: Segments
  readonly clock: Clock
  readonly listeners: CommitListeners
  /** Called when a batch has been committed and handed over, and whether a new segment was begun for it. */
  readonly onCommitted: (hasNewSegment: boolean) => void
}

export class CommitPipeline {
  readonly #options: CommitPipelineOptions
  readonly #statusListeners = new Set<(status: LogStatus) => void>()
  readonly #places = new RecordPlaces()
  #status: LogStatus = { kind: 'open' }
  #inFlight: GatheredRange | undefined
  #sentMicros = 0
  #isScheduled = false
  #retry: Disposable | undefined
  #isClosing = false
  #isClosed = false
  #onIdle: (() => void) | undefined

  constructor(options: CommitPipelineOptions) {
    this.#options = options
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get status(): LogStatus {
    return this.#status
  }

  onStatus(listener: (status: LogStatus) => void): Disposable {
    this.#statusListeners.add(listener)
    return disposable(() => this.#statusListeners.delete(listener))
  }

  /** Something was gathered: it goes once the turn is over, so that all of the turn goes together. */
  readonly schedule = (): void => {
    if (this.#isScheduled || this.#inFlight !== undefined) return
    this.#isScheduled = true
    setImmediate(this.#flush)
  }

  /** Commits what was gathered (tries once, where the disk is full), takes nothing more, and ends the committer. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.#options.gathered.setAccepting(false)
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve
      if (this.#retry !== undefined) this.#send()
      else this.#flush()
    })
    await this.#options.committer.close()
    this.#isClosed = true
    this.#setStatus({ kind: 'failed', error: closedError() })
    this.#options.listeners.clear()
    this.#statusListeners.clear()
  }

  readonly #flush = (): void => {
    this.#isScheduled = false
    if (this.#inFlight !== undefined) return
    this.#inFlight = this.#status.kind === 'open' ? this.#options.gathered.take() : undefined
    if (this.#inFlight === undefined) this.#onIdle?.()
    else this.#send()
  }

  #send(): void {
    this.#retry?.[Symbol.dispose]()
    this.#retry = undefined
    const range = this.#inFlight
    if (range === undefined) return
    this.#sentMicros = this.#options.clock.wallMicros()
    const request = { kind: 'commit', ...range, nowMicros: this.#sentMicros } as const
    this.#options.committer.request(request, this.#settle)
  }

  readonly #settle = (outcome: CommitOutcome): void => {
    const range = this.#inFlight
    if (range === undefined) return
    switch (outcome.kind) {
      case 'durable':
        return this.#commit(range, outcome.base, outcome.offset)
      case 'full':
        return this.#waitForRoom(outcome.message)
      case 'failed':
        this.#inFlight = undefined
        this.#refuse({ kind: 'failed', error: failedError(outcome.message) })
        return this.#onIdle?.()
      default:
        throw outcome satisfies never
    }
  }

  #commit(range: GatheredRange, base: number, offset: number): void {
    const { gathered, segments } = this.#options
    const hasNewSegment = segments.active.base !== base
    const segment = segments.forCommit(base)
    segment.extend(gathered.buffer, range.start, range.end, offset, range.next, this.#sentMicros)
    gathered.recent.add(range)
    this.#inFlight = undefined
    if (this.#status.kind === 'full') this.#reopen()
    // The disk goes on while the listeners run. What they append waits for the batch after this one.
    this.#flush()
    try {
      this.#handOver(range)
    } finally {
      gathered.release(range)
      this.#options.onCommitted(hasNewSegment)
    }
  }

  #handOver(range: GatheredRange): void {
    const { listeners } = this.#options
    if (listeners.isEmpty) return
    const places = this.#places
    places.clear()
    placeRecords(this.#options.gathered.buffer, range.start, range.end, range.first, places)
    listeners.tell({
      partition: this.#options.partition,
      bytes: this.#options.gathered.buffer,
      count: places.count,
      offsets: places.offsets,
      positions: places.positions,
      firstTicket: range.firstTicket,
    })
  }

  #waitForRoom(message: string): void {
    const error = diskFullError(this.#options.segments.folder, message)
    if (this.#status.kind === 'open') this.#refuse({ kind: 'full', error })
    if (this.#isClosing) return this.#onIdle?.()
    this.#retry = this.#options.clock.after(fullRetryMs, () => this.#send())
  }

  #refuse(status: LogStatus): void {
    this.#options.gathered.setAccepting(false)
    this.#setStatus(status)
  }

  #reopen(): void {
    this.#options.gathered.setAccepting(!this.#isClosing)
    this.#setStatus({ kind: 'open' })
  }

  #setStatus(status: LogStatus): void {
    this.#status = status
    for (const listener of [...this.#statusListeners]) listener(status)
  }
}

export const closedError = (): HawserError => new HawserError('LOG_CLOSED', 'the log is closed')

const failedError = (message: string): HawserError =>
  new HawserError('LOG_FAILED', `nothing can be written to the log any more: ${message}`, {
    mend: 'check the disk, then start again',
  })
