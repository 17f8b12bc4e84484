/** Frames in memory: their records' places, and the way on behind damage. */
import { recordEnd } from '@hawser/engine'
import { frameEnd, frameFirstPosition, frameHeaderBytes, frameIsSound, frameMagic } from './format.ts'

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

/** Adds the records at `from` and behind in the frames [start, end) of `bytes`. */
export function placeRecords(bytes: Buffer, start: number, end: number, from: number, places: RecordPlaces): void {
  for (let frame = start; frame < end; ) {
    const next = frameEnd(bytes, frame)
    let position = frameFirstPosition(bytes, frame)
    for (let at = frame + frameHeaderBytes; at < next; at = recordEnd(bytes, at), position++) {
      if (position >= from) places.add(at, position)
    }
    frame = next
  }
}

const magicBytes = Buffer.alloc(4)
magicBytes.writeUInt32LE(frameMagic)

/** The first sound frame at or behind `from`, wherever it starts; -1 where there is none. */
export function nextSoundFrame(bytes: Buffer, from: number, end: number): number {
  let at = bytes.indexOf(magicBytes, from)
  while (at !== -1 && at < end && !frameIsSound(bytes, at, end)) at = bytes.indexOf(magicBytes, at + 1)
  return at < end ? at : -1
}
