/** The streams of one Hawser: made where they are missing, looked at where they are there. */
import { type Clock, HawserError, type Milliseconds, milliseconds, sleep } from '@hawser/std'
import {
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  type MsgRequest,
  type PurgeOpts,
  type StreamConfig,
} from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { StoredMessage } from './stored-messages.ts'

export interface StreamsOptions {
  readonly connection: NatsConnection
  readonly clock: Clock
  readonly replicas: number
}

export interface StreamExtent {
  /** Numbers of the oldest and of the newest message; 1 and 0 where there never was one. */
  readonly first: number
  readonly last: number
  readonly bytes: number
}

export interface WantedStream {
  readonly name: string
  readonly subjects: readonly string[]
  /** Where its leader tells all what it has committed. */
  readonly toldSubject?: string
}

/** While the servers choose leaders, or have just started, they answer nothing or refuse. */
const patienceMs: Milliseconds = milliseconds(30_000)
const retryMs: Milliseconds = milliseconds(250)
/** Direct reads of many messages at once, asked for by this engine. */
const versionMin = [2, 11] as const
const streamNotFound = 10059
const nameInUse = 10058

/** Of a stream that is there, what would break a promise, or a read. */
const checked = ['subjects', 'retention', 'discard', 'max_age', 'num_replicas', 'allow_direct', 'storage'] as const
type Checked = Pick<StreamConfig, (typeof checked)[number] | 'republish'>

const wantedConfig = ({ name, subjects, toldSubject }: WantedStream, replicas: number) =>
  ({
    name,
    subjects: [...subjects],
    retention: 'limits',
    storage: 'file',
    // What does not fit is refused: what is there stays until nobody needs it any more.
    discard: 'new',
    max_age: 0,
    num_replicas: replicas,
    allow_direct: true,
    ...(toldSubject === undefined ? {} : { republish: { src: subjects[0] ?? '>', dest: toldSubject } }),
  }) as const satisfies Partial<StreamConfig>

export class Streams {
  readonly #options: StreamsOptions
  #manager: JetStreamManager | undefined

  constructor(options: StreamsOptions) {
    this.#options = options
    mustBeNewEnough(options.connection)
  }

  /** Rejects with `ENGINE_UNFIT` where a stream of that name is another one than it must be. */
  async ensure(wanted: WantedStream): Promise<void> {
    const config = wantedConfig(wanted, this.#options.replicas)
    await this.#patiently(async (manager) => {
      const found = await manager.streams.info(wanted.name).catch((error) => {
        if (codeOf(error) === streamNotFound) return undefined
        throw error
      })
      if (found !== undefined) return mustFit(wanted.name, config, found.config)
      await manager.streams.add(config).catch((error) => {
        // Another node was quicker: it is looked at in the next round.
        if (codeOf(error) !== nameInUse) throw error
        throw new HawserError('ENGINE_UNREACHABLE', 'made by another node', { retryable: true })
      })
    })
  }

  /** Of the stream's messages, as its leader says. */
  async extent(name: string): Promise<StreamExtent> {
    const { state } = await this.#patiently((manager) => manager.streams.info(name))
    return { first: Math.max(1, state.first_seq), last: state.last_seq, bytes: state.bytes }
  }

  /** A message as the stream's leader has it. */
  at(name: string, sequence: number): Promise<StoredMessage | undefined> {
    return this.#message(name, { seq: sequence })
  }

  /** The last message of a subject, as the stream's leader has it. */
  last(name: string, subject: string): Promise<StoredMessage | undefined> {
    return this.#message(name, { last_by_subj: subject })
  }

  /** Deletes what is of the subject `filter` and below `seq`. */
  async purge(name: string, what: { readonly filter?: string; readonly seq?: number }): Promise<void> {
    await this.#patiently((manager) => manager.streams.purge(name, what as PurgeOpts))
  }

  async #message(name: string, query: MsgRequest): Promise<StoredMessage | undefined> {
    const found = await this.#patiently((manager) => manager.streams.getMessage(name, query))
    return found === null ? undefined : { sequence: found.seq, data: Buffer.from(found.data) }
  }

  async #patiently<Answer>(ask: (manager: JetStreamManager) => Promise<Answer>): Promise<Answer> {
    const { connection, clock } = this.#options
    const lateMs = clock.monotonicMs() + patienceMs
    for (;;) {
      try {
        this.#manager ??= await jetstreamManager(connection)
        return await ask(this.#manager)
      } catch (error) {
        const isFinal = error instanceof HawserError ? !error.retryable : connection.isClosed()
        if (isFinal) throw error
        if (clock.monotonicMs() > lateMs) throw unreachable(error)
      }
      await sleep(clock, retryMs)
    }
  }
}

export const codeOf = (error: unknown): number => (error instanceof JetStreamApiError ? error.code : 0)

function unreachable(error: unknown): HawserError {
  const why = error instanceof Error ? error.message : String(error)
  return new HawserError('ENGINE_UNREACHABLE', `JetStream does not do what it is asked for: ${why}`, {
    retryable: true,
    mend: 'see that JetStream is enabled on as many servers as engine.replicas says, and that they have room',
    cause: error,
  })
}

function mustBeNewEnough({ info }: NatsConnection): void {
  const [major = 0, minor = 0] = (info?.version ?? '').split('.').map(Number)
  if (major > versionMin[0] || (major === versionMin[0] && minor >= versionMin[1])) return
  throw new HawserError('ENGINE_UNFIT', `the NATS server is of version ${info?.version}`, {
    mend: `run ${versionMin.join('.')} or newer`,
  })
}

function mustFit(name: string, wanted: Checked, found: Checked): void {
  const differences = ([...checked, 'republish'] as const).flatMap((field) => {
    const [is, must] = [JSON.stringify(found[field] ?? null), JSON.stringify(wanted[field] ?? null)]
    const isFit = field === 'republish' ? found.republish?.dest === wanted.republish?.dest : is === must
    return isFit ? [] : [`${field} is ${is} and must be ${must}`]
  })
  if (differences.length === 0) return
  throw new HawserError('ENGINE_UNFIT', `the stream ${name} will not do: ${differences.join(', ')}`, {
    mend: `change it with 'nats stream edit ${name}', or give this Hawser a prefix of its own`,
  })
}
