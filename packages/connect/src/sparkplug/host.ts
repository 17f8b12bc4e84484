/** The host application as a client of a broker: it publishes, and tells edge nodes whether it is there. */
import { reasonCode, type Will } from '@hawser/codec'
import { HawserError } from '@hawser/std'
import { reasonText } from '../mqtt/client/reason-text.ts'
import { ConnectRefused, RemoteClient, type RemoteOptions } from '../mqtt/client/remote-client.ts'
import { stateTopic } from './topic.ts'

export interface HostOptions extends RemoteOptions {
  /** Under which it is the primary host of edge nodes; undefined: it tells nobody. */
  readonly hostId: string | undefined
}

export interface PublishOptions {
  readonly qos: 0 | 1
  readonly retain: boolean
}

/** Whatever goes wrong rejects with `SINK_UNAVAILABLE`; it is disposed then, and opened anew. */
export interface SparkplugHost extends AsyncDisposable {
  publish(topic: string, payload: Buffer | string, options: PublishOptions): Promise<void>
  /** Says once more that it is there. */
  announce(): Promise<void>
  /** Rejects where the connection is gone. */
  check(): void
}

export async function openHost(options: HostOptions): Promise<SparkplugHost> {
  const { hostId, clock } = options
  // Birth and will bear the same time. [tck-id-operational-behavior-host-application-connect-birth]
  const timestamp = Math.floor(clock.wallMicros() / 1000)
  const state = (online: boolean): string => JSON.stringify({ online, timestamp })
  const topic = hostId === undefined ? undefined : stateTopic(hostId)
  const payload = Buffer.from(state(false))
  const will = topic === undefined ? undefined : { topic, payload, ...lasting, properties: {} }
  const client = await connected(options, will)
  const host = new MqttHost(client, topic, state)
  await host.announce()
  return host
}

const lasting = { qos: 1, retain: true } as const

async function connected(options: HostOptions, will: Will | undefined): Promise<RemoteClient> {
  const session = { version: 5, cleanStart: true, ...(will === undefined ? {} : { will }) } as const
  try {
    return (await RemoteClient.open(options, session, 'the broker')).client
  } catch (error) {
    throw connectError(options.url, error)
  }
}

/** The next one would be refused as well. */
const finalRefusals: readonly number[] = [reasonCode.notAuthorized, reasonCode.topicNameInvalid]

function publishError(topic: string, code: number): HawserError {
  const line = `the broker refuses ${topic}: ${reasonText(code)}`
  if (!finalRefusals.includes(code)) return new HawserError('SINK_UNAVAILABLE', line, { retryable: true })
  return new HawserError('SINK_REFUSED', line, { mend: 'mend the rights of the host, then resume the connector' })
}

/** Bad user name or password, not authorized, in MQTT 3.1.1 and 5.0. */
const refusals = [4, 5, 0x86, 0x87]

function connectError(url: string, error: unknown): HawserError {
  const why = error instanceof Error ? error.message : String(error)
  const place = new URL(url).host
  if (error instanceof ConnectRefused && refusals.includes(error.code)) {
    return new HawserError('SINK_REFUSED', `the broker at ${place} does not let the host in: ${why}`, {
      mend: 'mend user, password or rights, then resume the connector',
      cause: error,
    })
  }
  return new HawserError('SINK_UNAVAILABLE', `the broker at ${place}: ${why}`, { retryable: true, cause: error })
}

class MqttHost implements SparkplugHost {
  readonly #client: RemoteClient
  readonly #topic: string | undefined
  readonly #state: (online: boolean) => string

  constructor(client: RemoteClient, topic: string | undefined, state: (online: boolean) => string) {
    this.#client = client
    this.#topic = topic
    this.#state = state
  }

  async publish(topic: string, payload: Buffer | string, options: PublishOptions): Promise<void> {
    const code = await this.#client.publish(topic, payload, options)
    if (code >= 0x80) throw publishError(topic, code)
  }

  async announce(): Promise<void> {
    if (this.#topic !== undefined) await this.publish(this.#topic, this.#state(true), lasting)
  }

  check(): void {
    this.#client.check()
  }

  /** A host that goes on purpose says so: its will is not sent then. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#client.isGone && this.#topic !== undefined) {
      await this.publish(this.#topic, this.#state(false), lasting).catch(() => {})
    }
    await this.#client[Symbol.asyncDispose]()
  }
}
