/** A set of names given as bytes, each with a number from 0 up. Looking up allocates nothing. */
import { hashTopic } from './topic-hash.ts'

const bucketsMin = 1024
const empty = -1

export class NameTable {
  count = 0
  #buckets = new Int32Array(bucketsMin).fill(empty)
  #hashes = new Uint32Array(bucketsMin)
  #starts = new Uint32Array(bucketsMin + 1)
  #names = Buffer.alloc(64 * 1024)

  /** The name's number; the next free one where it is new. */
  intern(bytes: Buffer, start: number, end: number): number {
    const hash = hashTopic(bytes, start, end)
    const bucket = this.#find(hash, bytes, start, end)
    const known = this.#buckets[bucket] ?? empty
    return known === empty ? this.#add(bucket, hash, bytes, start, end) : known
  }

  has(name: Buffer): boolean {
    return this.#buckets[this.#find(hashTopic(name, 0, name.length), name, 0, name.length)] !== empty
  }

  /** Forgets all names, and keeps the room for as many. */
  clear(): void {
    this.count = 0
    this.#buckets.fill(empty)
  }

  hash(index: number): number {
    return this.#hashes[index] ?? 0
  }

  /** Valid until the next `intern`. */
  name(index: number): Buffer {
    return this.#names.subarray(this.#starts[index], this.#starts[index + 1])
  }

  /** The bucket where the name is, or where it would go. */
  #find(hash: number, bytes: Buffer, start: number, end: number): number {
    const mask = this.#buckets.length - 1
    for (let bucket = hash & mask; ; bucket = (bucket + 1) & mask) {
      const index = this.#buckets[bucket] ?? empty
      if (index === empty || (this.#hashes[index] === hash && this.#equals(index, bytes, start, end))) return bucket
    }
  }

  #equals(index: number, bytes: Buffer, start: number, end: number): boolean {
    const nameStart = this.#starts[index] ?? 0
    if ((this.#starts[index + 1] ?? 0) - nameStart !== end - start) return false
    const names = this.#names
    for (let at = start, other = nameStart; at < end; at++, other++) if (bytes[at] !== names[other]) return false
    return true
  }

  #add(bucket: number, hash: number, bytes: Buffer, start: number, end: number): number {
    const index = this.count++
    const nameStart = this.#starts[index] ?? 0
    const nameEnd = nameStart + end - start
    if (nameEnd > this.#names.length) {
      const larger = Buffer.alloc(Math.max(nameEnd, this.#names.length * 2))
      this.#names.copy(larger, 0, 0, nameStart)
      this.#names = larger
    }
    bytes.copy(this.#names, nameStart, start, end)
    this.#hashes[index] = hash
    this.#starts[index + 1] = nameEnd
    this.#buckets[bucket] = index
    if (this.count * 2 > this.#buckets.length) this.#grow()
    return index
  }

  #grow(): void {
    const size = this.#buckets.length * 2
    const hashes = new Uint32Array(size)
    hashes.set(this.#hashes)
    this.#hashes = hashes
    const starts = new Uint32Array(size + 1)
    starts.set(this.#starts)
    this.#starts = starts
    this.#buckets = new Int32Array(size).fill(empty)
    for (let index = 0; index < this.count; index++) {
      let bucket = this.hash(index) & (size - 1)
      while (this.#buckets[bucket] !== empty) bucket = (bucket + 1) & (size - 1)
      this.#buckets[bucket] = index
    }
  }
}
