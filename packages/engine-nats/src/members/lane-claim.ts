/** How a node that starts comes to a lane: the lowest that nobody living owns, else a new one. */
import { type Partition, type PeerId, partition } from '@hawser/engine'
import { type Clock, HawserError } from '@hawser/std'
import type { JetStreamClient } from '@nats-io/jetstream'
import { type LaneExtent, laneExtent } from '../log/lane-extent.ts'
import { fenceLane } from '../log/lane-fence.ts'
import { laneStream, laneSubject, laneToldSubject } from '../log/nats-log.ts'
import type { NatsState } from '../state/nats-state.ts'
import { fencedTable } from '../state/state-machine.ts'
import type { Streams } from '../stream/streams.ts'
import { allLaneRows, type FoundLaneRow, laneChange, peersNamedIn } from './lane-rows.ts'
import { answerAsAlive, Liveness, type LivenessOptions } from './liveness.ts'
import { lifeOfPeer, peerName } from './peer-name.ts'

export interface LaneClaimOptions extends LivenessOptions {
  readonly jetstream: JetStreamClient
  readonly streams: Streams
  readonly state: NatsState
  readonly clock: Clock
  readonly life: string
}

export interface LaneClaim extends Disposable {
  readonly self: PeerId
  readonly lane: Partition
  readonly epoch: number
  /** Behind the fence that has ended its former life. */
  readonly extent: LaneExtent
  /** Who is named in the rows, and lives no more. */
  readonly gone: readonly PeerId[]
}

const lanesMax = 0xffff

export async function claimLane(options: LaneClaimOptions): Promise<LaneClaim> {
  const { state, streams, prefix, life } = options
  for (;;) {
    const rows = await allLaneRows(state)
    const gone = await goneOf(rows, new Liveness(options))
    const free = rows.find((row) => peersNamedIn([row]).every((peer) => gone.includes(peer)))
    const lane = free?.lane ?? partition(rows.length)
    if (lane >= lanesMax) throw new HawserError('ENGINE_UNFIT', `${lanesMax} nodes have lanes already`)
    const self = peerName(lane, life)
    const stream = laneStream(prefix, lane)
    const subject = laneSubject(prefix, lane)
    await streams.ensure({ name: stream, subjects: [subject], toldSubject: laneToldSubject(prefix, lane) })
    const epoch = (free?.epoch ?? 0) + 1
    const isOrphan = free !== undefined && (free.isOrphan || free.owner !== null)
    const alive = answerAsAlive(options, self)
    const claim = laneChange(lane, { epoch, owner: self, isOrphan, adopter: null }, free?.revision ?? 0)
    if ((await state.write([claim, ...fenced(free)])) === 'conflict') {
      alive[Symbol.dispose]()
      continue
    }
    const extent =
      free === undefined ? await laneExtent(streams, stream) : await fenceLane({ ...options, stream, subject, epoch })
    return { self, lane, epoch, extent, gone, [Symbol.dispose]: () => alive[Symbol.dispose]() }
  }
}

/** What its last owner still writes is not applied any more, from the change on that gives the lane away. */
export const fenced = (row: Pick<FoundLaneRow, 'owner'> | undefined) =>
  row?.owner == null ? [] : [{ table: fencedTable, key: lifeOfPeer(row.owner), value: Buffer.alloc(0) }]

async function goneOf(rows: readonly FoundLaneRow[], liveness: Liveness): Promise<PeerId[]> {
  const named = peersNamedIn(rows)
  const verdicts = await Promise.all(named.map((peer) => liveness.verdict(peer)))
  return named.filter((_, index) => verdicts[index] === 'gone')
}
