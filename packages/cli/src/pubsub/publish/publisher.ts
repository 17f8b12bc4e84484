/** Publishes one message some times, or each line of standard input, and ends when all is acknowledged. */
import { milliseconds, sleep } from '@hawser/std'
import type { IClientPublishOptions } from 'mqtt'
import type { CommandIo } from '../../command.ts'
import { Link } from '../connection/link.ts'
import { reasonText } from '../connection/reasons.ts'
import { pubsubExitCode, RunRefusal } from '../refusal.ts'
import type { PayloadSource, PublishSettings } from '../settings.ts'
import { lineBatches, wholePayload } from './payload.ts'
import { Window } from './window.ts'

export async function publish(settings: PublishSettings, io: CommandIo): Promise<number> {
  const { source, topic } = settings
  if (source === undefined || topic === undefined) throw new Error('topic and source have been checked')
  const publishing =
    source.kind === 'stdin-lines' ? linesOf(io) : repeated(await wholePayload(source, io.stdin), settings, io)
  return new Publisher(settings, io, topic, source.kind).run(publishing)
}

type Batches = AsyncIterable<readonly Buffer[]>

const linesOf = (io: CommandIo): Batches => lineBatches(io.stdin)

async function* repeated(
  payload: Buffer,
  { repeatCount, repeatDelaySeconds }: PublishSettings,
  io: CommandIo,
): Batches {
  for (let count = 0; count < repeatCount; count++) {
    if (count > 0 && repeatDelaySeconds > 0) await sleep(io.clock, milliseconds(repeatDelaySeconds * 1000), io.signal)
    yield [payload]
  }
}

const receiveMaximumDefault = 65_535
const topicAliasMaximumDefault = 0

class Publisher {
  readonly #settings: PublishSettings
  readonly #io: CommandIo
  readonly #topic: string
  readonly #link: Link
  readonly #lines: boolean
  /** The broker knows the topic by its alias, on this connection. */
  #aliasKnown = false

  constructor(settings: PublishSettings, io: CommandIo, topic: string, source: PayloadSource['kind']) {
    this.#settings = settings
    this.#io = io
    this.#topic = topic
    this.#lines = source === 'stdin-lines'
    this.#link = new Link(settings, io, {
      reconnects: this.#lines,
      interruptedExitCode: pubsubExitCode.failure,
      onConnect: () => this.#connected(),
    })
  }

  async run(batches: Batches): Promise<number> {
    const ended = this.#link.run()
    const published = this.#publishAll(batches)
    published.catch((error: unknown) => this.#link.fail(error))
    return ended
  }

  #connected(): void {
    this.#aliasKnown = false
    const alias = Number(this.#settings.properties.publish['topicAlias'] ?? 0)
    const most = this.#link.client.serverProperties?.topicAliasMaximum ?? topicAliasMaximumDefault
    if (alias <= most) return
    const message = `Error: The broker takes topic aliases up to ${most} only.`
    this.#link.fail(new RunRefusal(message, pubsubExitCode.protocolError))
  }

  async #publishAll(batches: Batches): Promise<void> {
    await this.#link.online()
    const window = new Window(this.#windowSize())
    for await (const batch of batches) await this.#publishBatch(batch, window)
    await window.empty()
    this.#link.finish(pubsubExitCode.success)
  }

  /** A single message is sent again when it has been delivered. */
  #windowSize(): number {
    if (!this.#lines) return 1
    const receiveMaximum = this.#link.client.serverProperties?.receiveMaximum ?? receiveMaximumDefault
    return Math.min(this.#settings.inflightMax, receiveMaximum)
  }

  async #publishBatch(batch: readonly Buffer[], window: Window): Promise<void> {
    const last = batch.length - 1
    for (const [at, payload] of batch.entries()) {
      if (!this.#link.client.connected) await this.#link.online()
      if (this.#settings.qos > 0) {
        if (window.isFull) await window.room()
        window.enter()
        this.#publishAcknowledged(payload, () => window.leave())
      } else if (at < last) this.#send(payload)
      // The library calls back once what was written before has room in the socket: the back-pressure of QoS 0.
      else await new Promise<void>((resolve) => this.#send(payload, () => resolve()))
    }
  }

  #publishAcknowledged(payload: Buffer, done: () => void): void {
    this.#send(payload, (error, packetId) => {
      const code = (error as { code?: unknown } | undefined)?.code
      if (error === undefined || typeof code === 'number') {
        if (typeof code === 'number') this.#complain(`Warning: Publish ${packetId} failed: ${reasonText(code)}.`)
        done()
        return
      }
      // The connection was cut, and the library has forgotten the message.
      void this.#link.online().then(() => this.#publishAcknowledged(payload, done))
    })
  }

  #send(payload: Buffer, callback?: (error: Error | undefined, packetId: number) => void): void {
    const { qos, retain, protocolVersion, properties } = this.#settings
    const options: IClientPublishOptions =
      protocolVersion === 5 ? { qos, retain, properties: properties.publish } : { qos, retain }
    const topic = this.#aliasKnown ? '' : this.#topic
    this.#aliasKnown = protocolVersion === 5 && properties.publish['topicAlias'] !== undefined
    const { client } = this.#link
    // A callback costs a listener on the socket for each message that has to wait.
    if (callback === undefined) client.publish(topic, payload, options)
    else
      client.publish(topic, payload, options, (error, packet) => callback(error ?? undefined, packet?.messageId ?? 0))
  }

  #complain(line: string): void {
    if (!this.#settings.quiet) this.#io.stderr.write(`${line}\n`)
  }
}
