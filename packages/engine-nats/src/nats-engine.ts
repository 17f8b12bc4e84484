/** Log, state and members over NATS servers: what a node of a cluster opens. */
import type { LogId, Members, MessageLog, RetentionLimits, StateStore } from '@hawser/engine'
import type { Clock, HawserError, Milliseconds, Random } from '@hawser/std'
import { jetstream } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { openNatsBus } from './bus/nats-bus.ts'
import { connectNats, type NatsServers } from './connection.ts'
import { openNatsLog } from './log/nats-log.ts'
import { claimLane } from './members/lane-claim.ts'
import { Liveness } from './members/liveness.ts'
import { openNatsMembers, settleMsByDefault } from './members/nats-members.ts'
import { openNatsState } from './state/nats-state.ts'
import { Streams } from './stream/streams.ts'

export interface NatsEngineOptions {
  readonly servers: Pick<NatsServers, 'urls' | 'credentials'>
  /** Of all streams and subjects: several Hawsers may share the servers. Letters, digits, `_` and `-`. */
  readonly prefix: string
  /** Of every stream. */
  readonly replicas: number
  readonly clock: Clock
  readonly random: Random
  readonly retention?: RetentionLimits
  /** So long nothing is deleted after a lane was taken over. */
  readonly settleMs?: Milliseconds
  readonly onFault: (error: HawserError) => void
  /** Handed to whoever wants to break it. */
  readonly onConnected?: (connection: NatsConnection) => void
}

export interface NatsEngine extends AsyncDisposable {
  readonly log: MessageLog
  readonly state: StateStore
  readonly members: Members
  /** Aborts with the reason when this node may do nothing any more: it is to end. */
  readonly lost: AbortSignal
}

const lifeBytes = 8
const logIdBytes = 16
const metaTable = '\x01meta'

export async function openNatsEngine(options: NatsEngineOptions): Promise<NatsEngine> {
  const { servers, prefix, replicas, clock, random, retention, onFault } = options
  await using stack = new AsyncDisposableStack()
  const life = Buffer.from(random.bytes(lifeBytes)).toString('hex')
  const connection = await connectNats({ ...servers, name: `hawser-${prefix}-${life}` })
  stack.defer(() => connection.close())
  options.onConnected?.(connection)
  const lost = new AbortController()
  const streams = new Streams({ connection, clock, replicas })
  const of = { connection, streams, prefix, clock }
  const state = stack.use(await openNatsState({ ...of, writer: life, onEnded: (error) => lost.abort(error), onFault }))
  const id = await logId(state, random)
  const shared = { ...of, state, jetstream: jetstream(connection) }
  const { self, lane, epoch, extent, gone } = stack.use(await claimLane({ ...shared, life }))
  let members: Members | undefined
  stack.defer(async () => members?.[Symbol.asyncDispose]())
  // It is closed before the others are left: they are told of its last commit.
  const log = stack.use(openNatsLog({ ...of, id, own: lane, epoch, extent, ...(retention && { retention }), onFault }))
  const bus = await openNatsBus({ ...of, self, random })
  members = await openNatsMembers({
    ...shared,
    bus,
    log,
    liveness: new Liveness(of),
    inheritance: extent,
    gone,
    settleMs: options.settleMs ?? settleMsByDefault,
    onFault,
  })
  log.onStatus((status) => {
    if (status.kind === 'failed' && status.error.code !== 'LOG_CLOSED') lost.abort(status.error)
  })
  const owned = stack.move()
  return { log, state, members, lost: lost.signal, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** The first node names the log for all and for ever. */
async function logId(state: StateStore, random: Random): Promise<LogId> {
  for (;;) {
    const found = await state.get(metaTable, 'log')
    if (found !== undefined) return found.value.toString() as LogId
    const value = Buffer.from(Buffer.from(random.bytes(logIdBytes)).toString('hex'))
    await state.write([{ table: metaTable, key: 'log', value, expected: 0 }])
  }
}
