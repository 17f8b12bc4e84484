/**
 * The rotating logger: every message that matches as a line of NDJSON, in files that rotate by size and by time, are
 * compressed and counted. Killed at any instant, the files go on without a line missing or doubled.
 */
import type { Clock } from '@hawser/std'
import type { Connector } from '../connector.ts'
import { openFileSink } from './file-sink.ts'
import { defaultFileLimits, type FileLimits } from './limits.ts'

export interface FileConnectorOptions {
  readonly name?: string
  readonly folder: string
  readonly filters: readonly string[]
  readonly begin?: Connector['begin']
  readonly clock: Clock
  readonly limits?: Partial<FileLimits>
  /** Compressing or deleting an old file failed; writing goes on. */
  readonly onTidyError: (error: unknown) => void
}

export function fileConnector(options: FileConnectorOptions): Connector {
  const { name = 'file', folder, filters, begin = 'oldest', clock, onTidyError } = options
  const limits = { ...defaultFileLimits, ...options.limits }
  const open: Connector['open'] = (logId) => openFileSink({ folder, logId, clock, limits, onTidyError })
  return { name, kind: 'file', filters, begin, open }
}
