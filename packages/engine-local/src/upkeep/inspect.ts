/** What a data folder's log consists of, read from its files as they lie. Changes nothing, and needs no lock. */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Partition } from '@hawser/engine'
import { lanesOnDisk } from '../log/foreign/survey.ts'
import { laneFolderName } from '../log/format.ts'
import { logIdOf } from '../log/meta.ts'
import { type CheckedSegment, checkSegments } from './check-segments.ts'
import { layoutVersionOf } from './layout.ts'

export interface LaneReport {
  readonly lane: Partition
  /** The oldest position. */
  readonly start: number
  /** One past the newest position that is whole. */
  readonly end: number
  readonly bytes: number
  readonly segments: readonly CheckedSegment[]
}

export interface LogReport {
  readonly folder: string
  readonly layoutVersion: string
  readonly logId: string
  readonly lanes: readonly LaneReport[]
  /** Of the store of sessions, retained messages and leases. */
  readonly stateBytes: number
}

/** Reads every segment whole. Rejects where there is no data folder, or one of an unknown version. */
export async function inspectLog(folder: string): Promise<LogReport> {
  const layoutVersion = layoutVersionOf(folder)
  const path = join(folder, 'log')
  const logId = await logIdOf(path)
  const lanes = lanesOnDisk(path).map((lane): LaneReport => {
    const segments = checkSegments(join(path, laneFolderName(lane)), lane, logId)
    return {
      lane,
      start: segments[0]?.base ?? 0,
      end: segments.at(-1)?.end ?? 0,
      bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
      segments,
    }
  })
  const state = join(folder, 'state', 'data.mdb')
  return { folder, layoutVersion, logId, lanes, stateBytes: existsSync(state) ? statSync(state).size : 0 }
}
