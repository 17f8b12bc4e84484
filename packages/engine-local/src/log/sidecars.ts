/** What is done with dictionary and sidecars when a lane is opened: what cannot be relied on is cut off, to be built again. */
import { dirname, join } from 'node:path'
import {
  decodeChunks,
  decodeDictionaryHead,
  dictionaryHeadBytes,
  dictionaryName,
  encodeDictionaryHead,
} from './dictionary-format.ts'
import { errorCode, type FileHandleNumber, type FilePort, readUpTo, writeAll } from './files.ts'
import { segmentHeaderBytes } from './format.ts'
import { decodeIndexHead, type IndexBlockPlace, indexHeadBytes } from './index-block.ts'
import type { Segment } from './segments.ts'

/** Answers how many bytes of the dictionary can be relied on, and gives the segments the blocks that can be. */
export function openSidecars(
  files: FilePort,
  folder: string,
  segments: readonly Segment[],
  end: number,
  topicsMax: number,
): number {
  const path = join(folder, dictionaryName)
  const start = segments[0]?.base ?? end
  const dictionary = readDictionary(files, path)
  // Full, and more has been deleted since it was begun than is left: names of what is gone take the room of others.
  const isSpent = dictionary.names >= topicsMax && start - dictionary.bornAt > end - start
  const dictionaryBytes = isSpent ? 0 : dictionary.bytes
  for (const segment of segments) segment.blocks = openBlocks(files, segment, dictionaryBytes)
  return dictionaryBytes === 0 ? createDictionary(files, path, end) : dictionaryBytes
}

interface FoundDictionary {
  /** 0 where there is none to rely on. */
  readonly bytes: number
  readonly names: number
  readonly bornAt: number
}

function readDictionary(files: FilePort, path: string): FoundDictionary {
  const content = readWhole(files, path)
  const bornAt = decodeDictionaryHead(content)
  if (bornAt === undefined) return { bytes: 0, names: 0, bornAt: 0 }
  let names = 0
  const bytes = decodeChunks(content, dictionaryHeadBytes, () => {
    names++
  })
  return { bytes, names, bornAt }
}

function createDictionary(files: FilePort, path: string, end: number): number {
  files.remove(path)
  const file = files.open(path, 'create')
  try {
    writeAll(files, file, encodeDictionaryHead(end), 0)
    files.sync(file)
  } finally {
    files.close(file)
  }
  files.syncFolder(dirname(path))
  return dictionaryHeadBytes
}

/** The segment's sound blocks. What follows them is cut off for good, before the dictionary grows past what it needs. */
function openBlocks(files: FilePort, segment: Segment, dictionaryBytes: number): readonly IndexBlockPlace[] {
  const file = openIfThere(files, segment.indexPath)
  if (file === undefined) return []
  try {
    const blocks: IndexBlockPlace[] = []
    const head = Buffer.alloc(indexHeadBytes)
    let at = 0
    for (;;) {
      const read = readUpTo(files, file, head, at)
      const block = decodeIndexHead(head.subarray(0, read), at)
      if (read > 0 && (block === undefined || !follows(block, blocks.at(-1), segment, dictionaryBytes))) {
        files.truncate(file, at)
        files.sync(file)
        return blocks
      }
      if (block === undefined) return blocks
      blocks.push(block)
      at += block.bytes
    }
  } finally {
    files.close(file)
  }
}

/** Whether a block goes on where the one before it ended, within what is known of its segment. */
export function follows(
  block: IndexBlockPlace,
  before: IndexBlockPlace | undefined,
  segment: Segment,
  dictionaryBytes: number,
): boolean {
  const fileStart = before?.fileEnd ?? segmentHeaderBytes
  const first = before?.next ?? segment.base
  const isWithin = block.fileEnd <= segment.dataEnd && block.next <= segment.end
  return block.fileStart === fileStart && block.first === first && isWithin && block.dictionaryBytes <= dictionaryBytes
}

function openIfThere(files: FilePort, path: string): FileHandleNumber | undefined {
  try {
    return files.open(path, 'update')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

function readWhole(files: FilePort, path: string): Buffer {
  const file = openIfThere(files, path)
  if (file === undefined) return Buffer.alloc(0)
  try {
    const parts: Buffer[] = []
    for (let at = 0; ; ) {
      const part = Buffer.alloc(1 << 20)
      const count = readUpTo(files, file, part, at)
      parts.push(part.subarray(0, count))
      at += count
      if (count < part.length) return Buffer.concat(parts)
    }
  } finally {
    files.close(file)
  }
}
