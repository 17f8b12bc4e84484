/**
 * The lane's dictionary: the names of topics, each once, in one file that only grows.
 *
 *   head    0 u32 magic · 4 u32 version · 8 u64 the lane's end when it was begun · 16 u32 crc32 of all before · 20 u32 0
 *   chunks  0 u32 bodyBytes · 4 u32 crc32 of the body · 8 names {u16 bytes, UTF-8}
 *
 * A sidecar block says how long the dictionary was when it was written: shorter now, and the block is void.
 */
import { crc32 } from 'node:zlib'
import { readU64, writeU64 } from './format.ts'

export const dictionaryName = 'topics.names'
export const dictionaryHeadBytes = 24
const dictionaryMagic = 0x44545748 // 'HWTD'
const dictionaryVersion = 1
export const chunkHeadBytes = 8
export const nameHeadBytes = 2

export function encodeDictionaryHead(bornAt: number): Buffer {
  const head = Buffer.alloc(dictionaryHeadBytes)
  head.writeUInt32LE(dictionaryMagic, 0)
  head.writeUInt32LE(dictionaryVersion, 4)
  writeU64(head, bornAt, 8)
  head.writeUInt32LE(crc32(head.subarray(0, 16)), 16)
  return head
}

/** The end of the lane when the dictionary was begun; undefined where the head is none. */
export function decodeDictionaryHead(bytes: Buffer): number | undefined {
  if (bytes.length < dictionaryHeadBytes || bytes.readUInt32LE(0) !== dictionaryMagic) return undefined
  if (bytes.readUInt32LE(4) !== dictionaryVersion || crc32(bytes.subarray(0, 16)) !== bytes.readUInt32LE(16))
    return undefined
  return readU64(bytes, 8)
}

export function encodeNames(names: readonly Buffer[]): Buffer {
  return Buffer.concat(
    names.flatMap((name) => {
      const head = Buffer.alloc(nameHeadBytes)
      head.writeUInt16LE(name.length)
      return [head, name]
    }),
  )
}

export function encodeChunk(names: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(chunkHeadBytes)
  const body = encodeNames(names)
  head.writeUInt32LE(body.length, 0)
  head.writeUInt32LE(crc32(body), 4)
  return Buffer.concat([head, body])
}

/** Calls `onName` for each name of the sound chunks from `start` on; answers where they end. */
export function decodeChunks(bytes: Buffer, start: number, onName: (start: number, end: number) => void): number {
  let chunk = start
  while (chunk + chunkHeadBytes <= bytes.length) {
    const body = chunk + chunkHeadBytes
    const end = body + bytes.readUInt32LE(chunk)
    if (end > bytes.length || crc32(bytes.subarray(body, end)) !== bytes.readUInt32LE(chunk + 4)) break
    for (let at = body; at < end; ) {
      const name = at + nameHeadBytes
      at = name + bytes.readUInt16LE(at)
      onName(name, at)
    }
    chunk = end
  }
  return chunk
}
