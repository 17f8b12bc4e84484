/**
 * Dead letters of a connector whose sink has no place for them: rows of our own state, which become durable together
 * with its cursor. Their number is bounded: past it the oldest are forgotten, the message stays in the log.
 */
import {
  type LogId,
  type Partition,
  type Position,
  partition,
  position,
  type StateChange,
  type StateStore,
} from '@hawser/engine'
import type { DeadLetter, DeadLetters, Message } from './connector.ts'
import type { OwnedCursor } from './cursor-store.ts'
import type { Refused } from './refused.ts'

const table = 'connector-letter'
const lettersMax = 10_000
const reasonCharactersMax = 500

/** As it stands in a row. */
interface StoredLetter {
  readonly log_id: LogId
  readonly partition: number
  readonly position: number
  readonly topic: string
  readonly reason: string
  readonly ingested_at_micros: number
}

type Place = Pick<Message, 'partition' | 'position'>

/** The changes that it answers are to be written before anything else is asked of it. */
export class KeptLetters {
  readonly #connector: string
  readonly #logId: LogId
  readonly #max: number
  /** The oldest first. */
  readonly #letters: Map<string, StoredLetter>

  private constructor(connector: string, logId: LogId, max: number, letters: Map<string, StoredLetter>) {
    this.#connector = connector
    this.#logId = logId
    this.#max = max
    this.#letters = letters
  }

  static async open(state: StateStore, connector: string, logId: LogId, max = lettersMax): Promise<KeptLetters> {
    const found: [string, StoredLetter][] = []
    for await (const { key, value } of state.scan(table, `${connector}/`)) {
      if (!key.startsWith(`${connector}/`)) break
      found.push([key, JSON.parse(value.toString('utf8'))])
    }
    found.sort(([, left], [, right]) => left.ingested_at_micros - right.ingested_at_micros)
    return new KeptLetters(connector, logId, max, new Map(found))
  }

  list(limit: number): readonly DeadLetter[] {
    return [...this.#letters.values()].slice(0, limit).map((letter) => ({
      logId: letter.log_id,
      partition: partition(letter.partition),
      position: position(letter.position),
      topic: letter.topic,
      reason: letter.reason,
    }))
  }

  add(refused: readonly Refused[]): readonly StateChange[] {
    const changes = new Map<string, StateChange>()
    for (const { message, reason } of refused.toSorted(
      (left, right) => left.message.position - right.message.position,
    )) {
      const key = this.#keyOf(message)
      const letter = storedOf(this.#logId, message, reason.slice(0, reasonCharactersMax))
      this.#letters.set(key, letter)
      changes.set(key, { table, key, value: Buffer.from(JSON.stringify(letter)) })
    }
    for (const key of this.#letters.keys()) {
      if (this.#letters.size <= this.#max) break
      this.#letters.delete(key)
      changes.set(key, { table, key, value: null })
    }
    return [...changes.values()]
  }

  remove(taken: readonly Place[]): readonly StateChange[] {
    const keys = taken.map((message) => this.#keyOf(message)).filter((key) => this.#letters.delete(key))
    return keys.map((key) => ({ table, key, value: null }))
  }

  #keyOf({ partition, position }: { readonly partition: Partition; readonly position: Position }): string {
    return `${this.#connector}/${partition}/${position}`
  }
}

/** As a sink tells of them; how it writes them again is its own. */
export const keptDeadLetters = (
  letters: KeptLetters,
  cursor: OwnedCursor,
  replay: DeadLetters['replay'],
): DeadLetters => ({
  list: async (limit) => letters.list(limit),
  replay,
  forget: (messages) => cursor.keep(letters.remove(messages)),
})

const storedOf = (logId: LogId, message: Message, reason: string): StoredLetter => ({
  log_id: logId,
  partition: message.partition,
  position: message.position,
  topic: message.topic,
  reason,
  ingested_at_micros: message.ingestedAt,
})
