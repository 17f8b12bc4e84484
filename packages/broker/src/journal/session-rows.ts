/**
 * Rows of sessions among other processes: who has been succeeded as a session's owner, and does not know it, writes
 * nothing over the rows of the next one.
 */
import type { StateChange, StateStore } from '@hawser/engine'
import type { ClientId } from '@hawser/std'
import { isDamage } from './damage.ts'
import { decodeSessionState, type SessionState } from './session-state.ts'
import { sessionTable } from './tables.ts'

export interface OwnRows {
  readonly state: SessionState
  readonly changes: readonly StateChange[]
  /** It has had a row, as far as this process knows. */
  readonly stored: boolean
  /** By now it is another process's to write. */
  readonly isMoved: () => boolean
}

interface FoundRow {
  /** Undefined: there is none, or it is damaged. */
  readonly state: SessionState | undefined
  /** Undefined: it is damaged. */
  readonly revision: number | undefined
}

/** Answers whose sessions have another owner. */
export async function writeSessionsAmongOthers(
  state: StateStore,
  rows: readonly OwnRows[],
): Promise<ReadonlySet<ClientId>> {
  for (;;) {
    const succeeded = new Set<ClientId>()
    const changes: StateChange[] = []
    for (const own of rows) {
      const found = await find(state, own.state.clientId)
      if (own.isMoved()) continue
      if (isSucceeded(own, found)) succeeded.add(own.state.clientId)
      else changes.push(...expecting(own.changes, found.revision))
    }
    // Somebody has written one of them in between: it is looked at again.
    if ((await state.write(changes)) === 'applied') return succeeded
  }
}

async function find(state: StateStore, clientId: ClientId): Promise<FoundRow> {
  try {
    const row = await state.get(sessionTable, clientId)
    return row === undefined
      ? { state: undefined, revision: 0 }
      : { state: decodeSessionState(row.value), revision: row.revision }
  } catch (error) {
    if (!isDamage(error)) throw error
    return { state: undefined, revision: undefined }
  }
}

/** Each owner counts the epoch up; of two with the same one the first that has written has it. */
function isSucceeded({ state: own, stored }: OwnRows, { state: found, revision }: FoundRow): boolean {
  if (found === undefined) return stored && revision === 0
  if (stored && found.number !== own.number) return true
  return found.epoch > own.epoch || (found.epoch === own.epoch && found.partition !== own.partition)
}

const expecting = (changes: readonly StateChange[], revision: number | undefined): StateChange[] =>
  changes.map((change) =>
    change.table === sessionTable && revision !== undefined ? { ...change, expected: revision } : change,
  )
