/**
 * Rows of retained messages, one a topic for all lanes: whoever writes one leaves it where a newer stands. A deletion
 * is a row too, until every process has heard of it.
 */
import type { Members, StateChange, StateStore } from '@hawser/engine'
import type { RetainedMessages } from '../router/retained.ts'
import { isDeletion, isNewer, type RetainedMessage } from '../router/retained-message.ts'
import { readCheckpoint } from './checkpoint-row.ts'
import { decodeRetained, encodeRetained } from './retained-row.ts'
import { rowKey } from './row-key.ts'
import { retainedTable } from './tables.ts'

const rowsAtOnce = 500

/** Of a process alone, that nobody can come before. */
export const rowAlone = (message: RetainedMessage): StateChange => ({
  table: retainedTable,
  key: rowKey(message.topic),
  value: isDeletion(message) ? null : encodeRetained(message),
})

export async function writeAmongOthers(state: StateStore, messages: readonly RetainedMessage[]): Promise<void> {
  for (let start = 0; start < messages.length; start += rowsAtOnce) {
    const part = messages.slice(start, start + rowsAtOnce)
    while ((await state.write(await newerOf(state, part))) === 'conflict');
  }
}

async function newerOf(state: StateStore, messages: readonly RetainedMessage[]): Promise<StateChange[]> {
  const changes: StateChange[] = []
  for (const message of messages) {
    const key = rowKey(message.topic)
    const row = await state.get(retainedTable, key)
    if (row !== undefined && !isNewer(message, decodeRetained(row.value))) continue
    changes.push({ table: retainedTable, key, value: encodeRetained(message), expected: row?.revision ?? 0 })
  }
  return changes
}

/** Lets go of deletions that all living processes had heard of at their last checkpoint. */
export async function sweepTombstones(
  state: StateStore,
  retained: RetainedMessages,
  members: Members | undefined,
): Promise<void> {
  const tombstones = [...retained.tombstones]
  if (tombstones.length === 0 || (members?.orphans().length ?? 0) > 0) return
  const horizons: ReadonlyMap<number, number>[] = []
  for (const peer of members?.bus.peers() ?? []) {
    const partition = members?.partitionOf(peer)
    const checkpoint = partition === undefined ? undefined : await readCheckpoint(state, partition)
    horizons.push(new Map(checkpoint?.horizon))
  }
  const passed = tombstones.filter(({ partition, position }) =>
    horizons.every((horizon) => (horizon.get(partition) ?? 0) > position),
  )
  for (const tombstone of passed) {
    const key = rowKey(tombstone.topic)
    const row = await state.get(retainedTable, key)
    const stands = row && decodeRetained(row.value)
    const { partition, position } = tombstone
    if (row !== undefined && stands?.partition === partition && stands.position === position) {
      await state.write([{ table: retainedTable, key, value: null, expected: row.revision }])
    }
    retained.forgetTombstone(tombstone)
  }
}
