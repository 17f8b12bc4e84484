/** Frames in memory: their records' places, and the way on behind damage. */
import { type RecordPlaces, recordEnd } from '@hawser/engine'
import { frameEnd, frameFirstPosition, frameHeaderBytes, frameIsSound, frameMagic } from './format.ts'

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
