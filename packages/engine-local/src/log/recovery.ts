/**
 * Opens a lane's folder after whatever ended its last process: refuses what it does not know before it touches
 * anything, cuts off a torn tail, and makes what is left durable before anyone reads it.
 */
import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { HawserError } from '@hawser/std'
import { type FilePort, readUpTo, writeAll } from './files.ts'
import {
  baseOfName,
  decodeSegmentHeader,
  encodeSeal,
  formatVersion,
  frameCommittedMicros,
  frameDurableUpTo,
  frameFirstPosition,
  frameHeaderBytes,
  frameIsSound,
  indexSuffix,
  sealMagic,
  segmentHeaderBytes,
  segmentName,
  segmentSuffix,
} from './format.ts'
import type { LogDamage } from './run-reader.ts'
import { Segment } from './segments.ts'
import { scanTail, type TailScan } from './tail-scan.ts'

/**
 * How many numbers are passed over behind a tail that was not closed in good order: more than could have been given to
 * records which never became durable.
 */
export const positionsPassedOver = 2 ** 24
const copyBytes = 1 << 20

export type RecoveryNote =
  /** Bytes that nobody was told were durable, cut off the end. */
  | { readonly kind: 'torn'; readonly file: string; readonly offset: number; readonly bytes: number }
  /** What was durable and cannot be read any more. It stays where it is. */
  | { readonly kind: 'damaged'; readonly damage: LogDamage }

export interface RecoveredLane {
  readonly segments: readonly Segment[]
  readonly nextBase: number
  readonly epoch: number
  readonly notes: readonly RecoveryNote[]
}

export interface FoundSegment {
  readonly base: number
  readonly path: string
  readonly size: number
  /** 0 where the header is damaged. */
  readonly epoch: number
}

export function recoverLane(files: FilePort, folder: string, lane: number, logId: Uint8Array): RecoveredLane {
  const found = findSegments(files, folder, lane, logId)
  for (const name of readdirSync(folder)) {
    const base = baseOfName(name, indexSuffix)
    if (base !== undefined && !found.some((segment) => segment.base === base)) files.remove(join(folder, name))
  }
  const notes: RecoveryNote[] = []
  const segments: Segment[] = []
  let nextBase = 0
  for (const [index, segment] of found.entries()) {
    const after = found[index + 1]
    const recovered = recoverSegment(files, folder, segment, after?.base, notes)
    segments.push(recovered.segment)
    nextBase = recovered.nextBase
  }
  const last = segments.at(-1)
  // It is empty, and the writer will make it anew.
  if (last !== undefined && last.base === nextBase) segments.pop()
  return { segments, nextBase, epoch: Math.max(0, ...found.map(({ epoch }) => epoch)) + 1, notes }
}

/** The lane's segments, in order. Throws where one is of an unknown version, or belongs elsewhere. */
export function findSegments(files: FilePort, folder: string, lane: number, logId: Uint8Array): FoundSegment[] {
  const bases = readdirSync(folder).flatMap((name) => baseOfName(name, segmentSuffix) ?? [])
  bases.sort((left, right) => left - right)
  return bases.map((base) => inspect(files, join(folder, segmentName(base)), base, lane, logId))
}

function inspect(files: FilePort, path: string, base: number, lane: number, logId: Uint8Array): FoundSegment {
  const { size } = statSync(path)
  const bytes = readPart(files, path, 0, segmentHeaderBytes)
  const decoded = decodeSegmentHeader(bytes)
  if (decoded.kind === 'damaged') return { base, path, size, epoch: 0 }
  if (decoded.kind === 'version') {
    throw new HawserError(
      'DATA_DIR_VERSION',
      `${path} has format ${decoded.version}; this Hawser reads ${formatVersion}`,
      {
        mend: 'use the version of Hawser that wrote it, or another data folder',
      },
    )
  }
  const { header } = decoded
  if (header.lane !== lane || header.base !== base || Buffer.compare(header.logId, logId) !== 0) {
    throw new HawserError('DATA_DIR_UNUSABLE', `${path} belongs to another log`, { mend: 'move it out of the folder' })
  }
  return { base, path, size, epoch: header.epoch }
}

export interface RecoveredSegment {
  readonly segment: Segment
  readonly nextBase: number
}

/** A segment that was closed in good order; undefined for any other. */
export function readSeal(
  files: FilePort,
  folder: string,
  { base, path, size }: FoundSegment,
): RecoveredSegment | undefined {
  if (size < segmentHeaderBytes + frameHeaderBytes) return undefined
  const dataEnd = size - frameHeaderBytes
  const seal = readPart(files, path, dataEnd, frameHeaderBytes)
  if (!frameIsSound(seal, 0, seal.length, sealMagic)) return undefined
  const extent = { base, end: frameFirstPosition(seal, 0), dataEnd, lastMicros: frameCommittedMicros(seal, 0) }
  return { segment: new Segment(folder, extent, true), nextBase: frameDurableUpTo(seal, 0) }
}

/** `nextSegmentBase` is that of the segment behind it, undefined for the last, whose end is made durable and sealed. */
export function recoverSegment(
  files: FilePort,
  folder: string,
  found: FoundSegment,
  nextSegmentBase: number | undefined,
  notes: RecoveryNote[],
): RecoveredSegment {
  const { base, path, size } = found
  if (found.epoch === 0 && size >= segmentHeaderBytes) {
    notes.push({ kind: 'damaged', damage: { file: path, offset: 0, from: base, next: base } })
  }
  // Its header was never whole, so nothing was ever written behind it: the writer makes it anew.
  if (size < segmentHeaderBytes) return emptySegment(folder, base)
  const sealed = readSeal(files, folder, found)
  if (sealed !== undefined) return sealed
  const scan = scanSegment(files, found, nextSegmentBase ?? Number.POSITIVE_INFINITY)
  for (const gap of scan.damage) {
    notes.push({ kind: 'damaged', damage: { file: path, offset: gap.offset, from: gap.from, next: gap.next } })
  }
  const segment = new Segment(folder, { base, ...scan }, true)
  // A later segment has begun where this one ended for good, so nothing behind its end was ever durable.
  if (nextSegmentBase !== undefined) return { segment, nextBase: nextSegmentBase }
  const tornBytes = size - scan.dataEnd
  if (!holdsZeroes(files, path, scan.dataEnd, size))
    notes.push({ kind: 'torn', file: basename(path), offset: scan.dataEnd, bytes: tornBytes })
  const nextBase = scan.end + positionsPassedOver
  makeDurable(files, folder, path, scan, nextBase)
  return { segment, nextBase }
}

const emptySegment = (folder: string, base: number): RecoveredSegment => ({
  segment: new Segment(folder, { base, end: base, dataEnd: segmentHeaderBytes, lastMicros: 0 }, true),
  nextBase: base,
})

/** Positions from `endMax` on stand in the next segment. */
export function scanSegment(
  files: FilePort,
  { path, size, base }: Pick<FoundSegment, 'path' | 'size' | 'base'>,
  endMax: number,
): TailScan {
  const file = files.open(path, 'read')
  try {
    return scanTail(files, file, size, base, endMax)
  } finally {
    files.close(file)
  }
}

/** A file grows by zeroes in advance: cutting those off is nothing to speak of. */
function holdsZeroes(files: FilePort, path: string, from: number, to: number): boolean {
  for (let at = from; at < to; at += copyBytes) {
    const part = readPart(files, path, at, Math.min(copyBytes, to - at))
    if (!part.equals(Buffer.alloc(part.length))) return false
  }
  return true
}

/** Writes what may stand in the page cache alone once more, ends the file there, seals and syncs it. */
function makeDurable(files: FilePort, folder: string, path: string, scan: TailScan, nextBase: number): void {
  const file = files.open(path, 'update')
  try {
    const bytes = Buffer.allocUnsafe(Math.min(copyBytes, scan.dataEnd - scan.uncertainFrom))
    for (let at = scan.uncertainFrom; at < scan.dataEnd; ) {
      const part = bytes.subarray(0, Math.min(bytes.length, scan.dataEnd - at))
      readUpTo(files, file, part, at)
      writeAll(files, file, part, at)
      at += part.length
    }
    files.truncate(file, scan.dataEnd)
    writeAll(files, file, encodeSeal(scan.end, nextBase, scan.lastMicros), scan.dataEnd)
    files.sync(file)
  } finally {
    files.close(file)
  }
  files.syncFolder(folder)
}

function readPart(files: FilePort, path: string, at: number, length: number): Buffer {
  const file = files.open(path, 'read')
  try {
    const bytes = Buffer.alloc(length)
    return bytes.subarray(0, readUpTo(files, file, bytes, at))
  } finally {
    files.close(file)
  }
}
