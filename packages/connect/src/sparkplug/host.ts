/** The host application as a client of a broker: it publishes, and tells edge nodes whether it is there. */
import { type Clock, HawserError } from '@hawser/std'
import { connectAsync, type MqttClient } from 'mqtt'
import { stateTopic } from './topic.ts'

export interface HostOptions {
  /** `mqtt://` or `mqtts://`. */
  readonly url: string
  readonly clientId: string
  /** Under which it is the primary host of edge nodes; undefined: it tells nobody. */
  readonly hostId: string | undefined
  readonly username?: string
  readonly password?: string
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  readonly clock: Clock
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

const connectMsMax = 5_000

export async function openHost(options: HostOptions): Promise<SparkplugHost> {
  const { url, clientId, hostId, username, password, tls, clock } = options
  // Birth and will bear the same time. [tck-id-operational-behavior-host-application-connect-birth]
  const timestamp = Math.floor(clock.wallMicros() / 1000)
  const state = (online: boolean): string => JSON.stringify({ online, timestamp })
  const topic = hostId === undefined ? undefined : stateTopic(hostId)
  let client: MqttClient
  try {
    client = await connectAsync(url, {
      ...{ clientId, clean: true, reconnectPeriod: 0, connectTimeout: connectMsMax, protocolVersion: 5, keepalive: 30 },
      ...(username === undefined ? {} : { username, password }),
      ...tls,
      ...(topic === undefined ? {} : { will: { topic, payload: Buffer.from(state(false)), qos: 1, retain: true } }),
    })
  } catch (error) {
    throw connectError(url, error)
  }
  const host = new MqttHost(client, topic, state)
  await host.announce()
  return host
}

/** Not authorized, Topic Name invalid: the next one would be refused as well. */
const finalRefusals = [0x87, 0x90]

function publishError(topic: string, error: unknown): HawserError {
  const line = `the broker refuses ${topic}: ${error instanceof Error ? error.message : error}`
  if (hasCode(error, finalRefusals)) {
    return new HawserError('SINK_REFUSED', line, {
      mend: 'mend the rights of the host, then resume the connector',
      cause: error,
    })
  }
  return new HawserError('SINK_UNAVAILABLE', line, { retryable: true, cause: error })
}

const hasCode = (error: unknown, codes: readonly number[]): boolean =>
  error instanceof Error && 'code' in error && codes.some((code) => code === error.code)

/** Bad user name or password, not authorized, in MQTT 3.1.1 and 5.0. */
const refusals = [4, 5, 0x86, 0x87]

function connectError(url: string, error: unknown): HawserError {
  const why = error instanceof Error ? error.message : String(error)
  const place = new URL(url).host
  if (hasCode(error, refusals)) {
    return new HawserError('SINK_REFUSED', `the broker at ${place} does not let the host in: ${why}`, {
      mend: 'mend user, password or rights, then resume the connector',
      cause: error,
    })
  }
  return new HawserError('SINK_UNAVAILABLE', `the broker at ${place}: ${why}`, { retryable: true, cause: error })
}

class MqttHost implements SparkplugHost {
  readonly #client: MqttClient
  readonly #topic: string | undefined
  readonly #state: (online: boolean) => string
  readonly #gone = Promise.withResolvers<never>()
  #reason: HawserError | undefined

  constructor(client: MqttClient, topic: string | undefined, state: (online: boolean) => string) {
    this.#client = client
    this.#topic = topic
    this.#state = state
    const end = (why: string): void => {
      this.#reason ??= new HawserError('SINK_UNAVAILABLE', `the broker: ${why}`, { retryable: true })
      this.#gone.reject(this.#reason)
    }
    client.on('error', (error) => end(error.message)).on('close', () => end('the connection is closed'))
    // Heard by whoever publishes.
    this.#gone.promise.catch(() => {})
  }

  async publish(topic: string, payload: Buffer | string, options: PublishOptions): Promise<void> {
    this.check()
    try {
      // The client keeps what is under way for a connection that never comes.
      await Promise.race([this.#client.publishAsync(topic, payload, options), this.#gone.promise])
    } catch (error) {
      throw error instanceof HawserError ? error : publishError(topic, error)
    }
  }

  async announce(): Promise<void> {
    if (this.#topic !== undefined) await this.publish(this.#topic, this.#state(true), { qos: 1, retain: true })
  }

  check(): void {
    if (this.#reason !== undefined) throw this.#reason
  }

  /** A host that goes on purpose says so: its will is not sent then. */
  async [Symbol.asyncDispose](): Promise<void> {
    const farewell = this.#topic
    if (this.#reason === undefined && farewell !== undefined) {
      await this.publish(farewell, this.#state(false), { qos: 1, retain: true }).catch(() => {})
    }
    await this.#client.endAsync(this.#reason !== undefined)
  }
}
