/**
 * A connection of one simulated client, through `mqtt` of npm: independent of Hawser's own codec, so that a mistake
 * shared by our encoder and decoder shows. It connects by itself, again and again, and drops with a count what a
 * broker that is away cannot take: a device's next reading is worth more than its backlog.
 */
import { type Clock, HawserError, milliseconds, type Random } from '@hawser/std'
import { connect, type MqttClient } from 'mqtt'
import { Backoff } from './backoff.ts'
import { addressOf, shownUrl } from './broker-url.ts'
import { connectRefusal, disconnectRefusal } from './mqtt-refusal.ts'

export type Qos = 0 | 1 | 2
export type Log = (line: string) => void

export interface ConnectionOptions {
  readonly url: string
  readonly clientId: string
  readonly protocolVersion?: 4 | 5 | undefined
  readonly clock: Clock
  /** For the jitter of reconnects. */
  readonly random: Random
  readonly log: Log
}

export interface Received {
  readonly topic: string
  readonly payload: Buffer
  readonly retain: boolean
}

/** Messages that wait for an acknowledgement, or for the socket; more are dropped and counted. */
const unacknowledgedMax = 1_000
const closeMsMax = milliseconds(2_000)

export class BrokerConnection implements AsyncDisposable {
  readonly #client: MqttClient
  readonly #options: ConnectionOptions
  readonly #failed = new AbortController()
  readonly #backoff: Backoff
  readonly #subscriptions = new Map<string, (message: Received) => void>()
  #lostAtMs: number | undefined
  #unacknowledged = 0
  #dropped = 0
  #closing = false

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.random)
    const { url, ...login } = addressOf(options.url)
    this.#client = connect(url, {
      ...login,
      clientId: options.clientId,
      protocolVersion: options.protocolVersion ?? 5,
      clean: true,
      reconnectPeriod: this.#backoff.next(),
      reconnectOnConnackError: true,
      // The library would keep any number of QoS 0 messages for a broker that is away.
      queueQoSZero: false,
      resubscribe: false,
      keepalive: 30,
      connectTimeout: 10_000,
    })
    this.#listen()
  }

  /** Aborts, with a `HawserError` as its reason, when no further attempt can help. */
  get failed(): AbortSignal {
    return this.#failed.signal
  }

  /** Messages that could not be sent and were given up. */
  get dropped(): number {
    return this.#dropped
  }

  /** Resolves to true when the broker has accepted the client, or to false when the signal aborted before. */
  connected(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      if (signal.aborted || this.#client.connected) return resolve(!signal.aborted)
      const onAbort = (): void => resolve(false)
      signal.addEventListener('abort', onAbort, { once: true })
      this.#client.once('connect', () => {
        signal.removeEventListener('abort', onAbort)
        resolve(true)
      })
    })
  }

  publish(topic: string, payload: string, qos: Qos, retain: boolean): void {
    // [MQTT-3.3.4-9] is left to the application by the library.
    const windowMax = Math.min(unacknowledgedMax, this.#client.serverProperties?.receiveMaximum ?? unacknowledgedMax)
    if (!this.#client.connected || this.#unacknowledged >= windowMax) {
      this.#dropped += 1
      return
    }
    this.#unacknowledged += 1
    this.#client.publish(topic, payload, { qos, retain }, (error) => {
      this.#unacknowledged -= 1
      if (!error) return
      this.#dropped += 1
      this.#options.log(`${this.#options.clientId}: message on ${topic} not accepted: ${error.message}`)
    })
  }

  /** Keeps a subscription across reconnects; the handler gets what matches this filter. */
  subscribe(filter: string, qos: Qos, handler: (message: Received) => void): void {
    this.#subscriptions.set(filter, handler)
    const request = (): void => {
      this.#client.subscribe(filter, { qos }, (error) => {
        // A connection that closed on the way asks again when it is back.
        if (error && this.#client.connected) this.#fail(this.#subscribeRefusal(filter, error))
      })
    }
    this.#client.on('connect', request)
    if (this.#client.connected) request()
  }

  /** Lets what is in flight be acknowledged, then disconnects; a broker that does not answer is not waited for. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true
    const deadline = Promise.withResolvers<void>()
    using _timer = this.#options.clock.after(closeMsMax, deadline.resolve)
    if (this.#client.connected) await Promise.race([this.#client.endAsync(), deadline.promise])
    this.#client.end(true)
    this.#client.stream.destroy()
    if (this.#dropped > 0) this.#options.log(`${this.#options.clientId}: ${this.#dropped} messages dropped in all`)
  }

  #listen(): void {
    const { log, clientId } = this.#options
    const url = shownUrl(this.#options.url)
    let reported: string | undefined
    this.#client.on('connect', () => {
      this.#backoff.reset()
      reported = undefined
      if (this.#lostAtMs === undefined) return log(`${clientId}: connected to ${url}`)
      const awayMs = Math.round(this.#options.clock.monotonicMs() - this.#lostAtMs)
      this.#lostAtMs = undefined
      log(`${clientId}: connected to ${url} again after ${awayMs} ms; ${this.#dropped} messages dropped so far`)
    })
    this.#client.on('close', () => {
      // The library has armed this attempt already: the delay is that of the next one.
      this.#client.options.reconnectPeriod = this.#backoff.next()
      if (this.#closing || this.#lostAtMs !== undefined) return
      this.#lostAtMs = this.#options.clock.monotonicMs()
      log(`${clientId}: no connection to ${url}; trying again`)
    })
    this.#client.on('disconnect', ({ reasonCode }) => {
      const refusal = disconnectRefusal(reasonCode, clientId, url)
      if (refusal !== undefined) this.#fail(refusal)
    })
    this.#client.on('error', (error) => {
      const refusal = connectRefusal(error, clientId, url)
      if (refusal !== undefined) return this.#fail(refusal)
      if (reported !== error.message) log(`${clientId}: ${error.message || `${url} does not answer`}`)
      reported = error.message
    })
    this.#client.on('message', (topic, payload, packet) => {
      for (const [filter, handler] of this.#subscriptions) {
        if (topicMatches(filter, topic)) handler({ topic, payload, retain: packet.retain })
      }
    })
  }

  #fail(error: HawserError): void {
    this.#closing = true
    this.#failed.abort(error)
    this.#client.end(true)
  }

  #subscribeRefusal(filter: string, cause: Error): HawserError {
    const { clientId, url } = this.#options
    return new HawserError(
      'BROKER_REFUSED',
      `${shownUrl(url)} refuses "${clientId}" the subscription to ${filter}: ${cause.message}`,
      { mend: 'check what this user may subscribe to', cause },
    )
  }
}

/** Whether a topic filter, with `+` and `#`, matches a topic name. */
export function topicMatches(filter: string, topic: string): boolean {
  const filterLevels = filter.split('/')
  const topicLevels = topic.split('/')
  // [MQTT-4.7.2-1] a leading wildcard does not match topics that begin with $
  if (topic.startsWith('$') && (filter.startsWith('+') || filter.startsWith('#'))) return false
  for (const [index, level] of filterLevels.entries()) {
    if (level === '#') return true
    if (topicLevels[index] === undefined || (level !== '+' && level !== topicLevels[index])) return false
  }
  return filterLevels.length === topicLevels.length
}
