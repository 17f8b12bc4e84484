/**
 * What the committer and its worker share: words that both may wait on, numbers, and room for one error message.
 * The committer fills the request and raises `requested`; the worker fills the answer and raises `answered`. There is
 * never more than one request under way, so nothing else needs guarding.
 */
import type { FilePortModule } from './file-port-module.ts'
import type { CommitOutcome, SegmentWriterOptions } from './segment-writer.ts'

const wordCount = 8
const numberCount = 8
const messageBytesMax = 480
const numbersAt = wordCount * 4
const messageAt = numbersAt + numberCount * 8

const outcomeKinds = ['durable', 'full', 'failed'] as const

export type CommitRequest =
  /** Commit the bytes [start, end) of the gather buffer, whose last position is `next` - 1. */
  | {
      readonly kind: 'commit'
      readonly start: number
      readonly end: number
      readonly next: number
      readonly nowMicros: number
    }
  /** Seal and end. */
  | { readonly kind: 'close' }

export interface CommitWorkerData {
  readonly channel: SharedArrayBuffer
  readonly gathered: SharedArrayBuffer
  readonly writer: Omit<SegmentWriterOptions, 'files'>
  readonly startedMicros: number
  readonly files: FilePortModule | undefined
}

export class CommitChannel {
  readonly shared: SharedArrayBuffer
  /** 0 requested · 1 answered · 2 is it to close? · 3 outcome · 4 message bytes */
  readonly words: Int32Array
  /** 0 start · 1 end · 2 next · 3 now · 4 base · 5 offset */
  readonly #numbers: Float64Array
  readonly #message: Buffer

  constructor(shared = new SharedArrayBuffer(messageAt + messageBytesMax)) {
    this.shared = shared
    this.words = new Int32Array(shared, 0, wordCount)
    this.#numbers = new Float64Array(shared, numbersAt, numberCount)
    this.#message = Buffer.from(shared, messageAt, messageBytesMax)
  }

  writeRequest(request: CommitRequest): void {
    this.words[2] = request.kind === 'close' ? 1 : 0
    if (request.kind === 'close') return
    this.#numbers[0] = request.start
    this.#numbers[1] = request.end
    this.#numbers[2] = request.next
    this.#numbers[3] = request.nowMicros
  }

  readRequest(): CommitRequest {
    if (this.words[2] === 1) return { kind: 'close' }
    const [start = 0, end = 0, next = 0, nowMicros = 0] = this.#numbers
    return { kind: 'commit', start, end, next, nowMicros }
  }

  writeOutcome(outcome: CommitOutcome): void {
    this.words[3] = outcomeKinds.indexOf(outcome.kind)
    if (outcome.kind === 'durable') {
      this.#numbers[4] = outcome.base
      this.#numbers[5] = outcome.offset
    } else this.words[4] = this.#message.write(outcome.message)
  }

  readOutcome(): CommitOutcome {
    const kind = outcomeKinds[this.words[3] ?? 0] ?? 'failed'
    if (kind === 'durable') return { kind, base: this.#numbers[4] ?? 0, offset: this.#numbers[5] ?? 0 }
    return { kind, message: this.#message.toString('utf8', 0, this.words[4]) }
  }
}

export const requestedWord = 0
export const answeredWord = 1
