/** The one writer of the lane's dictionary, in the index worker. */
import { decodeChunks, dictionaryHeadBytes, encodeChunk } from './dictionary-format.ts'
import { type FileHandleNumber, type FilePort, readUpTo, writeAll } from './files.ts'
import type { NameStore } from './index-builder.ts'
import { NameTable } from './name-table.ts'

export class DictionaryWriter implements NameStore {
  readonly #files: FilePort
  readonly #file: FileHandleNumber
  readonly #topicsMax: number
  readonly #known = new NameTable()
  readonly #added: Buffer[] = []
  #bytes: number

  /** `bytes` is how long the file is as far as it is sound; what lies behind is written over. */
  constructor(files: FilePort, path: string, bytes: number, topicsMax: number) {
    this.#files = files
    this.#topicsMax = topicsMax
    this.#bytes = bytes
    this.#file = files.open(path, 'update')
    const content = Buffer.alloc(bytes)
    readUpTo(files, this.#file, content, 0)
    decodeChunks(content, dictionaryHeadBytes, (start, end) => this.#known.intern(content, start, end))
    files.truncate(this.#file, bytes)
  }

  get bytes(): number {
    return this.#bytes
  }

  keep(name: Buffer): boolean {
    if (this.#known.has(name)) return true
    if (this.#known.count >= this.#topicsMax) return false
    this.#known.intern(name, 0, name.length)
    this.#added.push(Buffer.from(name))
    return true
  }

  flush(): void {
    if (this.#added.length === 0) return
    const chunk = encodeChunk(this.#added)
    writeAll(this.#files, this.#file, chunk, this.#bytes)
    this.#files.sync(this.#file)
    this.#bytes += chunk.length
    this.#added.length = 0
  }
}
