/** How groups follow from rows and the journal: what a start knows of those that outlived the process. */
import { type Partition, type Position, recordEnd, recordTopicEnd, recordTopicStart } from '@hawser/engine'
import type { ClientId } from '@hawser/std'
import type { RecordedSessionEvent } from '../journal/session-event.ts'
import { decodeCursor, placeKey, type SessionState } from '../journal/session-state.ts'
import { decodeProgress, type GroupProgress, type GroupState } from './group-state.ts'

interface ReplayedGroup {
  readonly members: Set<ClientId>
  readonly done: Set<string>
  progress: GroupProgress
}

/** What a start knows of groups. */
export interface RecoveredGroups {
  readonly states: readonly GroupState[]
  /** Keys of rows whose group is over. */
  readonly ended: ReadonlySet<string>
  /** The journal went on after the rows were written. */
  readonly replayed: boolean
}

export class GroupReplay {
  readonly #groups = new Map<string, ReplayedGroup>()
  readonly ended = new Set<string>()

  load({ key, members, done, ...progress }: GroupState): void {
    this.#groups.set(key, { members: new Set(members), done: new Set(done), progress })
  }

  /** What a session's event means for its groups; `before` is the session ahead of it. */
  session(before: SessionState | undefined, { event, number, clientId }: RecordedSessionEvent): void {
    if (event.kind === 'opened') {
      if (before !== undefined && before.number !== number) this.#over(before)
      return
    }
    // Late records of a session that a newer one has replaced.
    if (before === undefined || before.number !== number) return
    switch (event.kind) {
      case 'subscribed': {
        const { filter, shared, qos, since } = event.subscription
        if (shared === undefined) return
        if (qos === 0) return this.#leave(filter, clientId)
        const cursor = decodeCursor(since)
        const group = this.#groups.get(filter) ?? {
          members: new Set<ClientId>(),
          done: new Set<string>(),
          progress: { atHorizon: false, cursor, holes: [] },
        }
        group.members.add(clientId)
        this.#groups.set(filter, group)
        this.ended.delete(filter)
        return
      }
      case 'unsubscribed':
        return this.#leave(event.filter, clientId)
      case 'assigned': {
        const { shared, partition, position } = event.message
        if (shared !== undefined) this.#groups.get(shared)?.done.add(placeKey(partition, position))
        return
      }
      case 'ended':
        return this.#over(before)
    }
  }

  /** Where a group stood. */
  share(bytes: Buffer, at: number): void {
    const topicEnd = recordTopicEnd(bytes, at)
    const group = this.#groups.get(bytes.toString('utf8', recordTopicStart(at), topicEnd))
    if (group === undefined) return
    group.progress = decodeProgress(bytes.toString('utf8', topicEnd, recordEnd(bytes, at)))
    // What lies below the cursor and is no hole is not asked for again.
    for (const key of group.done) {
      const [partition, position] = key.split('/').map(Number)
      if ((position ?? 0) < (group.progress.cursor.get(partition as Partition) ?? 0)) group.done.delete(key)
    }
  }

  *result(horizon: ReadonlyMap<Partition, Position>): Iterable<GroupState> {
    for (const [key, { members, done, progress }] of this.#groups) {
      const cursor = new Map(progress.cursor)
      if (progress.atHorizon) {
        for (const [partition, next] of horizon) if (next > (cursor.get(partition) ?? 0)) cursor.set(partition, next)
      }
      yield { key, members, done, ...progress, cursor }
    }
  }

  #over(session: SessionState): void {
    for (const filter of session.subscriptions.keys()) this.#leave(filter, session.clientId)
  }

  #leave(filter: string, clientId: ClientId): void {
    const group = this.#groups.get(filter)
    group?.members.delete(clientId)
    if (group?.members.size !== 0) return
    this.#groups.delete(filter)
    this.ended.add(filter)
  }
}
