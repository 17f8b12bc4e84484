import { join } from 'node:path'
import { after } from 'node:test'
import type { LogId } from '@hawser/engine'
import { messageLogContract } from '@hawser/engine/contract'
import { systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { openLocalLog } from './local-log.ts'

const root = await temporaryFolder()
after(() => root[Symbol.asyncDispose]())
const folders = new Map<LogId, string>()
/** So small that segments are sealed, indexed and read from their files. */
const small = { segmentBytes: 1 << 18, recentBytesMax: 0 }
const open = async (folder = join(root.path, String(folders.size)), options = {}) => {
  const log = await openLocalLog({ folder, clock: systemClock, ...small, ...options })
  folders.set(log.id, folder)
  return log
}

messageLogContract({
  name: 'local',
  open: () => open(),
  reopen: (closed) => open(folders.get(closed.id)),
  openForgetful: () => open(undefined, { segmentBytes: 1 << 20, retention: { bytes: 1 << 20, ms: 0 } }),
})
