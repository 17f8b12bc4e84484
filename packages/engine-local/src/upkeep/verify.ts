/**
 * Looks at every file of a data folder's log and state, and names what is damaged by file and offset. Changes nothing;
 * while a Hawser writes the folder, what is not finished yet is no damage.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LogId, Partition } from '@hawser/engine'
import { decodeChunks, decodeDictionaryHead, dictionaryHeadBytes, dictionaryName } from '../log/dictionary-format.ts'
import { lanesOnDisk } from '../log/foreign/survey.ts'
import { indexName, laneFolderName } from '../log/format.ts'
import { decodeIndexHead, IndexBlock, indexHeadBytes } from '../log/index-block.ts'
import { logIdOf } from '../log/meta.ts'
import { checkState } from '../state/check-state.ts'
import { checkSegments } from './check-segments.ts'
import { layoutVersionOf } from './layout.ts'

export interface Finding {
  /** `lost`: what was acknowledged cannot be read. `rebuilt`: Hawser makes it anew by itself. */
  readonly kind: 'lost' | 'rebuilt'
  readonly file: string
  readonly offset: number
  readonly what: string
}

export interface Verified {
  readonly segments: number
  readonly records: number
  readonly rows: number
  readonly unfinishedBytes: number
  readonly findings: readonly Finding[]
}

export async function verifyDataFolder(folder: string): Promise<Verified> {
  layoutVersionOf(folder)
  const path = join(folder, 'log')
  const id = await logIdOf(path)
  const totals = { segments: 0, records: 0, unfinishedBytes: 0 }
  const findings: Finding[] = []
  for (const lane of lanesOnDisk(path)) {
    for (const finding of verifyLane(join(path, laneFolderName(lane)), lane, id, totals)) findings.push(finding)
  }
  const state = await checkState(join(folder, 'state'))
  for (const { file, key, what } of state.damage) {
    findings.push({ kind: 'lost', file, offset: 0, what: `row ${JSON.stringify(key)}: ${what}` })
  }
  return { ...totals, rows: state.rows, findings }
}

type Totals = { -readonly [Name in 'segments' | 'records' | 'unfinishedBytes']: Verified[Name] }

function* verifyLane(folder: string, lane: Partition, id: LogId, totals: Totals): Generator<Finding> {
  for (const segment of checkSegments(folder, lane, id)) {
    totals.segments++
    totals.records += segment.end - segment.base
    totals.unfinishedBytes += segment.unfinishedBytes
    for (const { offset, what } of segment.damage) yield { kind: 'lost', file: segment.file, offset, what }
    yield* verifyIndex(join(folder, indexName(segment.base)))
  }
  yield* verifyDictionary(join(folder, dictionaryName))
}

function* verifyIndex(file: string): Generator<Finding> {
  if (!existsSync(file)) return
  const bytes = readFileSync(file)
  for (let at = 0; at < bytes.length; ) {
    const place = decodeIndexHead(bytes.subarray(at, at + indexHeadBytes), at)
    if (place === undefined || IndexBlock.decode(bytes.subarray(at, at + place.bytes), place) === undefined) {
      yield { kind: 'rebuilt', file, offset: at, what: 'a block of the index is damaged' }
      return
    }
    at += place.bytes
  }
}

function* verifyDictionary(file: string): Generator<Finding> {
  if (!existsSync(file)) return
  const bytes = readFileSync(file)
  if (decodeDictionaryHead(bytes) === undefined) {
    yield { kind: 'rebuilt', file, offset: 0, what: 'the head of the dictionary is damaged' }
    return
  }
  const end = decodeChunks(bytes, dictionaryHeadBytes, () => undefined)
  if (end < bytes.length) yield { kind: 'rebuilt', file, offset: end, what: 'a part of the dictionary is damaged' }
}
