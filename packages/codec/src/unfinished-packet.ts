/** The beginning of a packet, copied out of the shared read buffer. It grows by what comes, never by what is claimed. */
export class UnfinishedPacket {
  buffer: Buffer
  bytes: number

  constructor(source: Buffer, start: number, end: number) {
    this.bytes = end - start
    this.buffer = Buffer.allocUnsafe(this.bytes)
    source.copy(this.buffer, 0, start, end)
  }

  /** `bytesMax`: what the packet will have in the end, as far as that is known; no more is ever set aside. */
  append(source: Buffer, start: number, end: number, bytesMax: number): void {
    const bytes = this.bytes + end - start
    if (bytes > this.buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(bytes, Math.min(2 * this.buffer.length, bytesMax)))
      this.buffer.copy(grown, 0, 0, this.bytes)
      this.buffer = grown
    }
    source.copy(this.buffer, this.bytes, start, end)
    this.bytes = bytes
  }
}
