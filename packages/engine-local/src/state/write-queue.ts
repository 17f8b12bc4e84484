/**
 * Writes that wait for LMDB. One transaction is under way at a time; it takes whatever waits when it gets LMDB's
 * writer lock, so that a hundred writes share one sync. Each write in it is applied whole or not at all.
 */
import type { StateChange } from '@hawser/engine'
import { type Clock, HawserError, type Milliseconds, milliseconds } from '@hawser/std'
import type { RootDatabase } from 'lmdb'
import { explainFailure } from './failure.ts'
import { decodeRevision, type EncodedKey, encodeKey, encodeValue } from './row-codec.ts'

export const writeLimits = {
  /** Of all that waits; more is refused. */
  queueBytesMax: 64 << 20,
  /** Of one transaction, unless a single write is larger. */
  transactionBytesMax: 4 << 20,
  /** LMDB never answers a writer whose environment is broken, nor while a frozen process holds its lock. */
  answerMsMax: milliseconds(30_000),
} as const satisfies Record<string, number | Milliseconds>

/** Of the newest write in any process; 0xFF begins no row's key. */
export const revisionKey = Buffer.from([0xff, 0x01])
const changeBytes = 64

interface EncodedChange extends EncodedKey {
  readonly value: Buffer | null
  readonly expected: number | undefined
}

interface Write {
  readonly changes: readonly EncodedChange[]
  readonly bytes: number
  readonly settle: PromiseWithResolvers<'applied' | 'conflict'>
  answer: 'applied' | 'conflict'
}

export class WriteQueue {
  readonly #database: RootDatabase<Buffer, Buffer>
  readonly #folder: string
  readonly #clock: Clock
  #waiting: Write[] = []
  #waitingBytes = 0
  #draining: Promise<void> | undefined
  #broken: HawserError | undefined

  constructor(database: RootDatabase<Buffer, Buffer>, folder: string, clock: Clock) {
    this.#database = database
    this.#folder = folder
    this.#clock = clock
  }

  /** Copies the changes before it returns. */
  write(changes: readonly StateChange[]): Promise<'applied' | 'conflict'> {
    if (this.#broken !== undefined) throw this.#broken
    const encoded = changes.map(encodeChange)
    const bytes = encoded.reduce((sum, { key, whole, value }) => {
      return sum + changeBytes + key.length + whole.length + (value?.length ?? 0)
    }, 0)
    if (this.#waitingBytes + bytes > writeLimits.queueBytesMax) {
      throw new HawserError('STATE_FAILED', `${this.#waitingBytes} bytes of state wait to be written already`, {
        retryable: true,
      })
    }
    const write: Write = { changes: encoded, bytes, settle: Promise.withResolvers(), answer: 'applied' }
    this.#waiting.push(write)
    this.#waitingBytes += bytes
    this.#draining ??= this.#drain()
    return write.settle.promise
  }

  /** Whether LMDB has left a writer without an answer: closing it would wait for ever. */
  get isBroken(): boolean {
    return this.#broken !== undefined
  }

  async drained(): Promise<void> {
    await this.#draining
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) await this.#commitNext()
    this.#draining = undefined
  }

  async #commitNext(): Promise<void> {
    let group: readonly Write[] = []
    try {
      if (this.#broken !== undefined) throw this.#broken
      await this.#answered(
        this.#database.childTransaction(() => {
          group = this.#take()
          this.#apply(group)
        }),
      )
      await this.#database.flushed
      for (const write of group) write.settle.resolve(write.answer)
    } catch (error) {
      const failure = await explainFailure(error, this.#folder)
      for (const write of group.length > 0 ? group : this.#take()) write.settle.reject(failure)
    }
  }

  #take(): readonly Write[] {
    let bytes = 0
    const beyond = this.#waiting.findIndex((write, index) => {
      bytes += write.bytes
      return index > 0 && bytes > writeLimits.transactionBytesMax
    })
    const group = this.#waiting.splice(0, beyond < 0 ? this.#waiting.length : beyond)
    for (const write of group) this.#waitingBytes -= write.bytes
    return group
  }

  /** In the transaction: each write sees the ones before it. */
  #apply(group: readonly Write[]): void {
    const stored = this.#database.getBinary(revisionKey)
    let revision = stored === undefined ? 0 : decodeRevision(revisionKey, stored)
    const before = revision
    for (const write of group) {
      if (write.changes.some((change) => !this.#isAsExpected(change))) {
        write.answer = 'conflict'
        continue
      }
      revision++
      for (const { key, whole, value } of write.changes) {
        if (value === null) void this.#database.remove(key)
        else void this.#database.put(key, encodeValue(key, revision, whole, value))
      }
    }
    if (revision !== before) void this.#database.put(revisionKey, encodeValue(revisionKey, revision, empty, empty))
  }

  #isAsExpected({ key, expected }: EncodedChange): boolean {
    if (expected === undefined) return true
    const stored = this.#database.getBinary(key)
    return expected === (stored === undefined ? 0 : decodeRevision(key, stored))
  }

  /** Without an answer in time the store is given up: what was written then may or may not be there. */
  async #answered(transaction: Promise<void>): Promise<void> {
    const late = Promise.withResolvers<never>()
    using _timer = this.#clock.after(writeLimits.answerMsMax, () => {
      this.#broken = new HawserError('STATE_FAILED', `the state in ${this.#folder} does not answer its writers`, {
        mend: 'end the other processes that use this data folder, then restart',
      })
      late.reject(this.#broken)
    })
    await Promise.race([transaction, late.promise])
  }
}

const empty = Buffer.alloc(0)

const encodeChange = ({ table, key, value, expected }: StateChange): EncodedChange => ({
  ...encodeKey(table, key),
  value: value === null ? null : Buffer.from(value),
  expected,
})
