/** One cluster of NATS servers for a test file, with a corner of its own for each test. */
import { after, before } from 'node:test'
import { type LogId, partition } from '@hawser/engine'
import type { MembersHost } from '@hawser/engine/contract'
import { systemClock as clock, milliseconds, systemRandom as random } from '@hawser/std'
import { jetstream, jetstreamManager, type StreamInfo } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import {
  type NatsCluster,
  type NatsClusterOptions,
  type NatsServer,
  startNatsCluster,
} from '../../../../test/servers/nats.ts'
import { connectNats } from '../connection.ts'
import { laneExtent } from '../log/lane-extent.ts'
import { fenceLane } from '../log/lane-fence.ts'
import {
  laneStream,
  laneSubject,
  laneToldSubject,
  type NatsLog,
  type NatsLogOptions,
  openNatsLog,
} from '../log/nats-log.ts'
import { type NatsEngineOptions, openNatsEngine } from '../nats-engine.ts'
import { type NatsState, type NatsStateOptions, openNatsState } from '../state/nats-state.ts'
import { Streams } from '../stream/streams.ts'

export { natsSkipReason } from '../../../../test/servers/nats.ts'

const attemptsMax = 3

export type HostOptions = Pick<NatsEngineOptions, 'retention' | 'settleMs'>

export interface ServersUnderTest {
  readonly cluster: NatsCluster
  /** Of a Hawser that nobody else has. */
  newPrefix(): string
  connect(name?: string): Promise<NatsConnection>
  /** With a connection of its own. */
  openState(prefix: string, options?: Partial<NatsStateOptions>): Promise<NatsState>
  /** Lane 0 of a log of its own, with a connection of its own. */
  openLog(prefix: string, options?: Partial<NatsLogOptions>): Promise<NatsLog>
  /** Nodes of one Hawser, with a prefix of its own. */
  newHost(options?: HostOptions): MembersHost
  /** The server that leads a stream now. */
  leaderOf(stream: string): Promise<NatsServer>
  /** The number of the oldest message that a stream has. */
  firstOf(stream: string): Promise<number>
}

/** To be called within a suite, or at a file's top. */
export function serversUnderTest(options: NatsClusterOptions = {}): ServersUnderTest {
  let cluster: NatsCluster | undefined
  let prefixes = 0
  let writers = 0
  let epochs = 0
  before(async () => {
    cluster = await startNatsCluster(options)
  })
  after(() => cluster?.[Symbol.asyncDispose]())
  const running = (): NatsCluster => {
    if (cluster === undefined) throw new Error('the servers are started before the first test')
    return cluster
  }
  const connect = (name = 'test'): Promise<NatsConnection> => connectNats({ urls: running().url.split(','), name })
  const infoOf = async (stream: string): Promise<StreamInfo> => {
    const connection = await connect()
    try {
      const manager = await jetstreamManager(connection, { checkAPI: false })
      return await answered(() => manager.streams.info(stream))
    } finally {
      // One that is left open looks for its servers for ever, and keeps the process alive.
      await connection.close()
    }
  }
  return {
    get cluster() {
      return running()
    },
    newPrefix: () => `test${prefixes++}`,
    connect,
    async openState(prefix, options = {}) {
      const connection = await connect()
      const streams = new Streams({ connection, clock, replicas: 3 })
      const writer = `writer${writers++}`
      const state = await openNatsState({
        connection,
        streams,
        prefix,
        writer,
        clock,
        onFault,
        onEnded: onFault,
        ...options,
      })
      return withConnection(state, connection)
    },
    async openLog(prefix, options = {}) {
      const connection = await connect()
      const streams = new Streams({ connection, clock, replicas: 3 })
      const own = partition(0)
      const stream = laneStream(prefix, own)
      const subject = laneSubject(prefix, own)
      await streams.ensure({ name: stream, subjects: [subject], toldSubject: laneToldSubject(prefix, own) })
      const epoch = ++epochs
      const before = await laneExtent(streams, stream)
      const fencing = { jetstream: jetstream(connection), streams, clock, stream, subject, epoch }
      const extent = before.last === 0 ? before : await fenceLane(fencing)
      const id = prefix as LogId
      const log = openNatsLog({ connection, streams, prefix, clock, id, own, epoch, extent, onFault, ...options })
      return withConnection(log, connection)
    },
    newHost: (options = {}) => hostOf(running().url.split(','), `test${prefixes++}`, options),
    async leaderOf(stream) {
      const { cluster: placed } = await infoOf(stream)
      const leader = running().servers.find(({ name }) => name === placed?.leader)
      if (leader === undefined) throw new Error(`nobody leads ${stream}`)
      return leader
    },
    firstOf: async (stream) => (await infoOf(stream)).state.first_seq,
  }
}

/** Busy servers, or such as are choosing who leads, may not answer in time at first. */
async function answered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let left = attemptsMax - 1; ; left--) {
    try {
      return await ask()
    } catch (error) {
      if (left === 0) throw error
    }
  }
}

/** A node that crashes closes its connection, and says nothing. */
function hostOf(urls: readonly string[], prefix: string, further: HostOptions): MembersHost {
  return {
    async start() {
      const connection = Promise.withResolvers<NatsConnection>()
      const engine = await openNatsEngine({
        ...{ servers: { urls }, prefix, replicas: 3, clock, random, settleMs: milliseconds(0), ...further },
        onFault: () => undefined,
        onConnected: connection.resolve,
      })
      return { ...engine, crash: async () => (await connection.promise).close() }
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

const onFault = (error: Error): void => {
  throw error
}

/** Closes its connection behind it. */
function withConnection<Part extends AsyncDisposable>(part: Part, connection: NatsConnection): Part {
  const dispose = part[Symbol.asyncDispose].bind(part)
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    await dispose()
    await connection.close()
  }
  part[Symbol.asyncDispose] = () => {
    closing ??= close()
    return closing
  }
  return part
}
