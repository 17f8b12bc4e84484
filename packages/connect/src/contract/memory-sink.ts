/** The plainest sink there is: rows and a cursor in memory, changed together. It shows that the contract can be met. */
import type { LogId, Partition, Position } from '@hawser/engine'
import { HawserError } from '@hawser/std'
import type { Checkpoint, Connector, DeadLetter, Message, MessageBatch, Sink, WriteOutcome } from '../connector.ts'
import { refusedTopic, type SinkUnderTest } from './under-test.ts'

interface StoredRow {
  readonly logId: LogId
  readonly message: Message
}

class MemorySink implements SinkUnderTest {
  readonly #rows: StoredRow[] = []
  #checkpoint: Checkpoint | undefined
  #epoch = 0
  #deadLetters: DeadLetter[] = []
  #reachable = true
  #refusing = false

  connector(filters: readonly string[]): Connector {
    return { name: 'memory', kind: 'memory', filters, begin: 'oldest', open: async (logId) => this.#open(logId) }
  }

  async fail(): Promise<void> {
    this.#reachable = false
  }

  async mend(): Promise<void> {
    this.#reachable = true
  }

  async refuse(): Promise<AsyncDisposable> {
    this.#refusing = true
    return {
      [Symbol.asyncDispose]: async () => {
        this.#refusing = false
      },
    }
  }

  async rows(logId: LogId) {
    return this.#rows.filter((row) => row.logId === logId).map(({ message }) => message)
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #open(logId: LogId): Sink {
    this.#mustBeReachable()
    const epoch = ++this.#epoch
    return {
      checkpoint: this.#checkpoint,
      write: async (batch, signal) => {
        signal.throwIfAborted()
        return this.#write(logId, epoch, batch)
      },
      deadLetters: {
        list: async (limit) => this.#deadLetters.slice(0, limit),
        replay: async (messages) => {
          this.#forget(messages)
          return this.#store(logId, messages)
        },
        forget: async (messages) => this.#forget(messages),
      },
      [Symbol.asyncDispose]: async () => {},
    }
  }

  #write(logId: LogId, epoch: number, batch: MessageBatch): WriteOutcome {
    this.#mustBeReachable()
    if (epoch !== this.#epoch) throw new HawserError('SINK_REFUSED', 'another owner has taken the sink over')
    const cursor = new Map<Partition, Position>(this.#checkpoint?.cursor)
    if (cursor.get(batch.partition) !== batch.from) throw new HawserError('SINK_REFUSED', 'the cursor is elsewhere')
    const outcome = this.#store(logId, batch.messages)
    this.#checkpoint = { logId, cursor: cursor.set(batch.partition, batch.until) }
    return outcome
  }

  #store(logId: LogId, messages: readonly Message[]): WriteOutcome {
    const isRefused = ({ topic }: Message): boolean => this.#refusing && topic === refusedTopic
    const refused = messages.filter(isRefused)
    const known = new Set(this.#rows.filter((row) => row.logId === logId).map(({ message }) => nameOf(message)))
    const taken = messages.filter((message) => !isRefused(message))
    const fresh = taken.filter((message) => !known.has(nameOf(message)))
    this.#rows.push(...fresh.map((message) => ({ logId, message })))
    this.#deadLetters.push(...refused.map((message) => ({ ...message, logId, reason: 'told to refuse it' })))
    return { written: fresh.length, duplicates: taken.length - fresh.length, deadLetters: refused.length }
  }

  #forget(messages: readonly Message[]): void {
    const gone = new Set(messages.map(nameOf))
    this.#deadLetters = this.#deadLetters.filter((letter) => !gone.has(nameOf(letter)))
  }

  #mustBeReachable(): void {
    if (!this.#reachable) throw new HawserError('SINK_UNAVAILABLE', 'the sink is out of reach', { retryable: true })
  }
}

const nameOf = ({ partition, position }: Pick<Message, 'partition' | 'position'>): string => `${partition}/${position}`

export const memorySink = async (): Promise<SinkUnderTest> => new MemorySink()
