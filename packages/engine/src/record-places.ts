/** Where the records of a batch lie: reused from batch to batch, growing rarely. */
export class RecordPlaces {
  offsets = new Uint32Array(256)
  positions = new Float64Array(256)
  count = 0

  clear(): void {
    this.count = 0
  }

  add(offset: number, position: number): void {
    if (this.count === this.offsets.length) this.#grow()
    this.offsets[this.count] = offset
    this.positions[this.count] = position
    this.count++
  }

  #grow(): void {
    const { offsets, positions } = this
    this.offsets = new Uint32Array(offsets.length * 2)
    this.offsets.set(offsets)
    this.positions = new Float64Array(positions.length * 2)
    this.positions.set(positions)
  }
}
