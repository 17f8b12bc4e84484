/** One connection to a broker as its client: what is under way ends with it, and it is opened anew by whoever needs it. */
import { HawserError } from '@hawser/std'
import { connect, type IClientOptions, type IClientPublishOptions, type IConnackPacket, type MqttClient } from 'mqtt'
import { unlessAborted } from '../unless-aborted.ts'

export interface RemoteOptions {
  /** `mqtt://` or `mqtts://`, without a user in it. */
  readonly url: string
  readonly clientId: string
  readonly username?: string
  readonly password?: string
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
}

const connectMsMax = 5_000

export class RemoteClient implements AsyncDisposable {
  /** Rejects with the client's own error where the broker does not let it in. */
  readonly #connected = Promise.withResolvers<IConnackPacket>()
  readonly #client: MqttClient
  readonly #gone = Promise.withResolvers<never>()
  #reason: HawserError | undefined

  /** `called` is the broker in the messages of errors. */
  private constructor(client: MqttClient, called: string) {
    this.#client = client
    const end = (error: Error): void => {
      this.#connected.reject(error)
      this.#reason ??= new HawserError('SINK_UNAVAILABLE', `${called}: ${error.message}`, { retryable: true })
      this.#gone.reject(this.#reason)
    }
    client.once('connect', this.#connected.resolve)
    client.on('error', end).on('close', () => end(new Error('the connection is closed')))
    // Heard by whoever publishes.
    this.#gone.promise.catch(() => {})
  }

  /** Rejects with the client's own error, or with the signal's reason. */
  static async open(
    { url, tls, username, password, clientId }: RemoteOptions,
    further: Pick<IClientOptions, 'protocolVersion' | 'will'>,
    called: string,
    signal?: AbortSignal,
  ): Promise<{ readonly client: RemoteClient; readonly connack: IConnackPacket }> {
    signal?.throwIfAborted()
    const mqtt = connect(url, {
      ...{ clientId, clean: true, reconnectPeriod: 0, connectTimeout: connectMsMax, keepalive: 30 },
      ...(username === undefined ? {} : { username, password }),
      ...tls,
      ...further,
    })
    const client = new RemoteClient(mqtt, called)
    try {
      return { client, connack: await unlessAborted(signal, client.#connected.promise) }
    } catch (error) {
      mqtt.end(true)
      throw error
    }
  }

  /** Rejects with `SINK_UNAVAILABLE` where the connection is gone, else with the client's own error. */
  async publish(topic: string, payload: Buffer | string, options: IClientPublishOptions): Promise<void> {
    this.check()
    // The client keeps what is under way for a connection that never comes.
    await Promise.race([this.#client.publishAsync(topic, payload, options), this.#gone.promise])
  }

  get isGone(): boolean {
    return this.#reason !== undefined
  }

  /** Throws where the connection is gone. */
  check(): void {
    if (this.#reason !== undefined) throw this.#reason
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.endAsync(this.isGone)
  }
}

/** The reason code that an error of the client bears, of CONNACK or an acknowledgement. */
export const hasCode = (error: unknown, codes: readonly number[]): boolean =>
  error instanceof Error && 'code' in error && codes.some((code) => code === error.code)
