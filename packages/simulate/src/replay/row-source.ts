/** The rows of a recording, in order, read ahead by a chunk. */
import { createReadStream, type ReadStream } from 'node:fs'
import { type CsvRecord, csvRecords } from './csv.ts'
import { type Row, RowFormat, type RowFormatOptions } from './row-format.ts'

const chunkBytes = 65_536

export class RowSource implements AsyncDisposable {
  readonly #stream: ReadStream
  readonly #records: AsyncGenerator<readonly CsvRecord[]>
  readonly #options: RowFormatOptions
  #left: number
  #format: RowFormat | undefined
  #batch: readonly CsvRecord[] = []
  #next = 0

  constructor(file: string, options: RowFormatOptions, limit = Number.POSITIVE_INFINITY) {
    this.#stream = createReadStream(file, { encoding: 'utf8', highWaterMark: chunkBytes })
    this.#records = csvRecords(this.#stream)
    this.#options = options
    this.#left = limit
  }

  get bytesRead(): number {
    return this.#stream.bytesRead
  }

  /** The next row, where it has been read already; otherwise `fill` gets more. */
  take(): Row | undefined {
    const record = this.#batch[this.#next]
    if (record === undefined || this.#format === undefined || this.#left <= 0) return undefined
    this.#next += 1
    this.#left -= 1
    return this.#format.row(record)
  }

  /** Reads on; false at the end. */
  async fill(): Promise<boolean> {
    while (this.#next >= this.#batch.length && this.#left > 0) {
      const { done, value } = await this.#records.next()
      if (done) return false
      this.#batch = value
      this.#next = 0
      const [header] = value
      if (this.#format !== undefined || header === undefined) continue
      this.#format = new RowFormat(header, this.#options)
      this.#next = 1
    }
    return this.#left > 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#records.return(undefined)
    this.#stream.destroy()
  }
}
