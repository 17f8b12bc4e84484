/** Finds the index blocks that another process has written for its lane since one last looked. */
import { type FileHandle, open } from 'node:fs/promises'
import { type Clock, type Milliseconds, milliseconds } from '@hawser/std'
import { errorCode } from '../files.ts'
import { decodeIndexHead, indexHeadBytes } from '../index-block.ts'
import type { Segment } from '../segments.ts'
import { follows } from '../sidecars.ts'

/** A search that reads a segment's end goes on without looking again for so long. */
const lookEveryMs: Milliseconds = milliseconds(1000)

export function blockLearner(clock: Clock): (segment: Segment) => Promise<void> {
  const looked = new WeakMap<Segment, Milliseconds>()
  return async (segment) => {
    const now = clock.monotonicMs()
    if (now - (looked.get(segment) ?? Number.NEGATIVE_INFINITY) < lookEveryMs) return
    looked.set(segment, now)
    try {
      await using sidecar = await open(segment.indexPath, 'r')
      await learn(sidecar, segment)
    } catch (error) {
      // Not indexed yet, or deleted with its segment: what it would tell can be had by reading.
      if (errorCode(error) !== 'ENOENT') throw error
    }
  }
}

async function learn(sidecar: FileHandle, segment: Segment): Promise<void> {
  const head = Buffer.alloc(indexHeadBytes)
  for (;;) {
    const last = segment.blocks.at(-1)
    const at = last === undefined ? 0 : last.at + last.bytes
    const { bytesRead } = await sidecar.read(head, 0, head.length, at)
    const block = decodeIndexHead(head.subarray(0, bytesRead), at)
    // What the dictionary lacks for it is seen when it is asked.
    if (block === undefined || segment.blocks.at(-1) !== last) return
    if (!follows(block, last, segment, Number.POSITIVE_INFINITY)) return
    segment.addBlock(block)
  }
}
