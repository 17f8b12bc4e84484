/**
 * A log of two durability classes: what must survive goes to a log on disk, what need not to one in memory, whose
 * records end with the process. Readers see the partitions of both.
 */
import type {
  Appender,
  CommittedBatch,
  Cursor,
  FilterSpan,
  LogStatus,
  MessageLog,
  Partition,
  PartitionRange,
  Position,
  RecordBatch,
} from '../log.ts'

/** Both are the caller's to dispose; `memory` appends to `volatilePartition`. */
export const createClassedLog = (disk: MessageLog, memory: MessageLog): MessageLog => new ClassedLog(disk, memory)

class ClassedLog implements MessageLog {
  readonly #disk: MessageLog
  readonly #memory: MessageLog
  readonly volatile: Appender

  constructor(disk: MessageLog, memory: MessageLog) {
    this.#disk = disk
    this.#memory = memory
    this.volatile = memory
  }

  get id(): MessageLog['id'] {
    return this.#disk.id
  }
  get own(): Partition {
    return this.#disk.own
  }
  get birth(): Position {
    return this.#disk.birth
  }
  get durability(): MessageLog['durability'] {
    return this.#disk.durability
  }
  get status(): LogStatus {
    return this.#disk.status
  }
  get recordBytesMax(): number {
    return this.#disk.recordBytesMax
  }
  get buffer(): Buffer {
    return this.#disk.buffer
  }
  get lastTicket(): number {
    return this.#disk.lastTicket
  }
  get congested(): boolean {
    return this.#disk.congested || this.#memory.congested
  }

  reserve(kind: number, flags: number, topicBytes: number, bodyBytes: number): number {
    return this.#disk.reserve(kind, flags, topicBytes, bodyBytes)
  }

  onCommit(listener: (batch: CommittedBatch) => void): Disposable {
    const both = new DisposableStack()
    both.use(this.#disk.onCommit(listener))
    both.use(this.#memory.onCommit(listener))
    return both
  }

  onStatus(listener: (status: LogStatus) => void): Disposable {
    return this.#disk.onStatus(listener)
  }

  partitions(): readonly PartitionRange[] {
    return [...this.#disk.partitions(), ...this.#memory.partitions()]
  }

  read(partition: Partition, from: Position, signal?: AbortSignal): AsyncIterable<RecordBatch> {
    return this.#of(partition).read(partition, from, signal)
  }

  find(
    partition: Partition,
    from: Position,
    spans: readonly FilterSpan[],
    signal?: AbortSignal,
  ): AsyncIterable<RecordBatch> {
    return this.#of(partition).find(partition, from, spans, signal)
  }

  setFloor(floor: Cursor): void {
    this.#disk.setFloor(new Map([...floor].filter(([partition]) => partition !== this.#memory.own)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#memory[Symbol.asyncDispose]()
    await this.#disk[Symbol.asyncDispose]()
  }

  #of(partition: Partition): MessageLog {
    return partition === this.#memory.own ? this.#memory : this.#disk
  }
}
