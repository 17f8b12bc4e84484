/** The plainest sink there is: rows and a cursor in memory, changed together. It shows that the contract can be met. */
import type { LogId, Partition, Position } from '@hawser/engine'
import { HawserError } from '@hawser/std'
import type { Checkpoint, Connector, Message, MessageBatch, Sink, WriteOutcome } from '../connector.ts'
import type { SinkUnderTest } from './under-test.ts'

interface StoredRow {
  readonly logId: LogId
  readonly message: Message
}

class MemorySink implements SinkUnderTest {
  readonly #rows: StoredRow[] = []
  #checkpoint: Checkpoint | undefined
  #epoch = 0
  #reachable = true

  connector(filters: readonly string[]): Connector {
    return { name: 'memory', kind: 'memory', filters, begin: 'oldest', open: async (logId) => this.#open(logId) }
  }

  async fail(): Promise<void> {
    this.#reachable = false
  }

  async mend(): Promise<void> {
    this.#reachable = true
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
      [Symbol.asyncDispose]: async () => {},
    }
  }

  #write(logId: LogId, epoch: number, batch: MessageBatch): WriteOutcome {
    this.#mustBeReachable()
    if (epoch !== this.#epoch) throw new HawserError('SINK_REFUSED', 'another owner has taken the sink over')
    const cursor = new Map<Partition, Position>(this.#checkpoint?.cursor)
    if (cursor.get(batch.partition) !== batch.from) throw new HawserError('SINK_REFUSED', 'the cursor is elsewhere')
    this.#rows.push(...batch.messages.map((message) => ({ logId, message })))
    this.#checkpoint = { logId, cursor: cursor.set(batch.partition, batch.until) }
    return { written: batch.messages.length, duplicates: 0, deadLetters: 0 }
  }

  #mustBeReachable(): void {
    if (!this.#reachable) throw new HawserError('SINK_UNAVAILABLE', 'the sink is out of reach', { retryable: true })
  }
}

export const memorySink = async (): Promise<SinkUnderTest> => new MemorySink()
