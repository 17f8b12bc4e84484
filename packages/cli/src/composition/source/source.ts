/** The source of this process: alone, or together with the others of its data folder. */
import type { HawserSource } from '@hawser/admin'
import { MembersSource } from '../members/members-source.ts'
import { LocalSource, type SourceParts } from './hawser-source.ts'

/** To be disposed of before the engine; until then the other processes are answered. */
export function openSource(parts: Omit<SourceParts, 'id'>): HawserSource & Disposable {
  const { members, log } = parts.engine
  if (members === undefined) return new LocalSource({ ...parts, id: 'local' })
  return new MembersSource(new LocalSource({ ...parts, id: `lane-${log.own}` }), members.bus, parts.clock)
}
