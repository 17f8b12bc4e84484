/**
 * The retained messages of a running broker, through its own door. At QoS 0 nothing is queued and so nothing is left
 * out, but it hides at which QoS a message was kept: so the topics are asked for first, and then each message by its
 * topic, as few at a time as fit into what may be in flight.
 */
import { type Clock, HawserError, milliseconds, type Random } from '@hawser/std'
import { connectAsync, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt'

export interface RetainedMessage {
  readonly topic: string
  readonly payload: Buffer
  readonly qos: IPublishPacket['qos']
  readonly properties: NonNullable<IPublishPacket['properties']>
}

export interface RetainedSource {
  readonly url: string
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** Authorities in PEM, where the URL is mqtts: or wss:. */
  readonly ca?: string | undefined
}

interface FetchContext {
  readonly clock: Clock
  readonly random: Random
}

/** Fewer than Mosquitto's `max_inflight_messages`, with the marker. */
const batchTopics = 16
/** For a broker that does not let the marker through: so long without a message means that there are no more. */
const quietMs = milliseconds(3_000)

export async function* fetchRetained(source: RetainedSource, context: FetchContext): AsyncGenerator<RetainedMessage> {
  const client = await connectTo(source)
  try {
    const marker = `hawser/migrate/${Buffer.from(context.random.bytes(8)).toString('hex')}`
    const collector = new Collector(client, marker, context.clock)
    const topics = [...(await collector.collect(['#'], 0)).keys()]
    for (let from = 0; from < topics.length; from += batchTopics) {
      yield* (await collector.collect(topics.slice(from, from + batchTopics), 2)).values()
    }
  } finally {
    await client.endAsync()
  }
}

export async function connectTo({ url, username, password, ca }: RetainedSource): Promise<MqttClient> {
  const options: IClientOptions = {
    protocolVersion: 5,
    reconnectPeriod: 0,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
  }
  try {
    return await connectAsync(url, options)
  } catch (cause) {
    const what = `${withoutPassword(url)}: ${cause instanceof Error ? cause.message : cause}`
    throw new HawserError('BROKER_UNREACHABLE', what, { mend: 'start the broker, or name another address', cause })
  }
}

export const withoutPassword = (url: string): string => url.replace(/\/\/[^@/]*@/, '//')

class Collector {
  readonly #client: MqttClient
  readonly #marker: string
  readonly #clock: Clock
  #found = new Map<string, RetainedMessage>()
  #heard: () => void = () => undefined
  #ended: () => void = () => undefined

  constructor(client: MqttClient, marker: string, clock: Clock) {
    this.#client = client
    this.#marker = marker
    this.#clock = clock
    client.on('message', (topic, payload, packet) => this.#take(topic, payload, packet))
  }

  /** What is retained for these filters: all that comes before the marker, which is published behind the SUBACK. */
  async collect(filters: readonly string[], qos: IPublishPacket['qos']): Promise<ReadonlyMap<string, RetainedMessage>> {
    this.#found = new Map()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#ended = resolve
    let quiet = this.#clock.after(quietMs, resolve)
    this.#heard = () => {
      quiet[Symbol.dispose]()
      quiet = this.#clock.after(quietMs, resolve)
    }
    const wanted = [...filters, this.#marker]
    // Retain As Published: a message that is set or cleared meanwhile is seen as such.
    await this.#client.subscribeAsync(Object.fromEntries(wanted.map((filter) => [filter, { qos, rap: true }])))
    this.#client.publish(this.#marker, '', { qos }, () => undefined)
    await promise
    quiet[Symbol.dispose]()
    await this.#client.unsubscribeAsync([...wanted])
    return this.#found
  }

  #take(topic: string, payload: Buffer, { qos, retain, properties = {} }: IPublishPacket): void {
    this.#heard()
    if (topic === this.#marker) return this.#ended()
    if (!retain) return
    if (payload.length === 0) this.#found.delete(topic)
    else this.#found.set(topic, { topic, payload, qos, properties })
  }
}
