/** What a start finds of groups: the rows of all lanes, and what the journals told since. */
import type { MessageLog, Partition, StateChange, StateStore } from '@hawser/engine'
import type { ClientId } from '@hawser/std'
import type { CheckpointRow } from '../journal/checkpoint-row.ts'
import { isDamage } from '../journal/damage.ts'
import { decodeCursor, decodeSessionState } from '../journal/session-state.ts'
import { laneTable, sessionTable, sharedTable } from '../journal/tables.ts'
import type { Session } from '../session/session.ts'
import type { SessionSubscription } from '../session/subscription.ts'
import type { GroupFollower } from './group-follower.ts'
import { groupRow } from './group-journal.ts'
import { decodeGroupState } from './group-state.ts'

interface FoundRow {
  readonly lane: Partition
  readonly key: string
}

export class GroupRecovery {
  readonly #log: MessageLog
  readonly #state: StateStore
  readonly #follower: GroupFollower
  readonly #rows: FoundRow[] = []

  constructor(log: MessageLog, state: StateStore, follower: GroupFollower) {
    this.#log = log
    this.#state = state
    this.#follower = follower
  }

  async load(): Promise<void> {
    for (const { partition: lane } of this.#log.partitions()) {
      for await (const { value } of this.#state.scan(laneTable(sharedTable, lane))) {
        const state = decodeGroupState(value)
        this.#rows.push({ lane, key: state.key })
        this.#follower.load(state, lane)
      }
    }
  }

  /** The journal of a lane is read from its checkpoint on. */
  begin(lane: Partition, checkpoint: CheckpointRow | undefined): void {
    const horizon = checkpoint?.horizon.map(([at, next]): [number, number] => [at, next]) ?? []
    this.#follower.setHorizon(lane, decodeCursor(horizon))
  }

  /** `sessions`: those whose row is out of date. A process that is alone writes all rows anew, as its own. */
  async finish(
    sessions: readonly Session[],
    alone: boolean,
  ): Promise<{ readonly follower: GroupFollower; readonly rowsToEnd: StateChange[]; readonly hadOthers: boolean }> {
    const { own } = this.#log
    const hadOthers = this.#rows.some(({ lane }) => lane !== own)
    if (hadOthers) await this.#confirm(new Map(sessions.map((session) => [session.clientId, session])))
    const durable = new Set(Array.from(this.#follower.durable(), ({ key }) => key))
    const rowsToEnd = this.#rows.filter(({ lane, key }) => (lane === own ? !durable.has(key) : alone))
    return {
      follower: this.#follower,
      rowsToEnd: rowsToEnd.map(({ lane, key }) => groupRow(lane, key)),
      hadOthers,
    }
  }

  /** Rows of several lanes are of different times: whether a session is a member its own state says. */
  async #confirm(sessions: ReadonlyMap<ClientId, Session>): Promise<void> {
    for (const { key, members } of [...this.#follower.durable()]) {
      for (const clientId of [...members]) {
        const subscription = (await this.#subscriptions(sessions, clientId))?.get(key)
        if (subscription === undefined || subscription.qos === 0) this.#follower.leaveUnconfirmed(key, clientId)
      }
    }
  }

  async #subscriptions(
    sessions: ReadonlyMap<ClientId, Session>,
    clientId: ClientId,
  ): Promise<ReadonlyMap<string, SessionSubscription> | undefined> {
    const known = sessions.get(clientId)
    if (known !== undefined) return known.subscriptions
    try {
      const row = await this.#state.get(sessionTable, clientId)
      return row && decodeSessionState(row.value).subscriptions
    } catch (error) {
      // Nobody is given that session: it is a member of nothing.
      if (isDamage(error)) return undefined
      throw error
    }
  }
}
