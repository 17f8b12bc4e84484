/** Subscribes, filters, prints, counts. */
import { topicMatches } from '@hawser/engine'
import { milliseconds } from '@hawser/std'
import type { IClientSubscribeOptions, IPublishPacket } from 'mqtt'
import type { CommandIo } from '../../command.ts'
import { Link } from '../connection/link.ts'
import { toBytes } from '../format/bytes.ts'
import { receivedMessage } from '../format/message.ts'
import { type MessagePrinter, messagePrinter } from '../format/print-message.ts'
import { instantOf } from '../format/strftime.ts'
import { pubsubExitCode, RunRefusal } from '../refusal.ts'
import type { SubscribeSettings } from '../settings.ts'

const refusedFrom = 0x80
/** Retain handling "do not send at subscribe", of MQTT 5 section 3.8.3.1. */
const neverSendRetained = 2

/** The SUBACK itself says more, and without one the connection went: the next one subscribes again. */
const ignoreOutcome = (): void => undefined

export async function subscribe(settings: SubscribeSettings, io: CommandIo): Promise<number> {
  const subscriber = new Subscriber(settings, io)
  return subscriber.run()
}

class Subscriber {
  readonly #settings: SubscribeSettings
  readonly #io: CommandIo
  readonly #link: Link
  readonly #print: MessagePrinter
  #leftCount: number
  #timeout: Disposable | undefined
  #over = false

  constructor(settings: SubscribeSettings, io: CommandIo) {
    this.#settings = settings
    this.#io = io
    this.#print = messagePrinter(settings)
    this.#leftCount = settings.messageCount ?? Number.POSITIVE_INFINITY
    this.#link = new Link(settings, io, {
      reconnects: true,
      interruptedExitCode: pubsubExitCode.success,
      messageCount: settings.messageCount,
      onOpen: () => this.#startTimeout(),
      onConnect: () => this.#subscribe(),
      onMessage: (topic, packet, done) => this.#received(topic, packet, done),
    })
    this.#link.client.on('packetreceive', (packet) => {
      if (packet.cmd === 'suback') this.#subscribed(packet.messageId ?? 0, packet.granted.map(Number))
    })
  }

  async run(): Promise<number> {
    const { stdout } = this.#io
    // Whoever reads this has gone, as `head` does.
    const readerGone = (): void => this.#finish()
    stdout.on('error', readerGone)
    try {
      return await this.#link.run()
    } finally {
      stdout.off('error', readerGone)
      this.#timeout?.[Symbol.dispose]()
    }
  }

  #startTimeout(): void {
    const { timeoutSeconds } = this.#settings
    if (timeoutSeconds === undefined) return
    this.#timeout = this.#io.clock.after(milliseconds(timeoutSeconds * 1000), () => {
      this.#complain('Timed out')
      this.#finish(pubsubExitCode.timedOut)
    })
  }

  #subscribe(): void {
    const { topics, qos, properties, protocolVersion, retainAsPublished, hideRetained } = this.#settings
    const { client } = this.#link
    const options: IClientSubscribeOptions =
      protocolVersion === 5
        ? {
            qos,
            rap: retainAsPublished,
            rh: hideRetained ? neverSendRetained : 0,
            properties: properties.subscribe,
          }
        : { qos }
    client.subscribe(topics, options, ignoreOutcome)
    for (const topic of this.#settings.unsubscribeTopics) {
      client.unsubscribe(topic, protocolVersion === 5 ? { properties: properties.unsubscribe } : {})
    }
  }

  #subscribed(packetId: number, granted: readonly number[]): void {
    const { debug, exitAfterSubscribe } = this.#settings
    if (debug) this.#io.stdout.write(`Subscribed (mid: ${packetId}): ${granted.join(', ')}\n`)
    const denied = granted.every((code) => code >= refusedFrom)
    if (denied) this.#complain('All subscription requests were denied.')
    if (denied || exitAfterSubscribe) this.#finish()
  }

  #received(topic: string, packet: IPublishPacket, done: () => void): void {
    if (this.#over) {
      done()
      return
    }
    const { retainedOnly, hideRetained, filterOut, removeRetained } = this.#settings
    if (retainedOnly && !packet.retain) {
      done()
      this.#finish()
      return
    }
    const hidden = (packet.retain && hideRetained) || filterOut.some((filter) => topicMatches(filter, topic))
    if (hidden) {
      done()
      return
    }
    if (removeRetained && packet.retain) this.#forget(topic)
    const written = this.#write(topic, packet, done)
    this.#leftCount--
    if (this.#leftCount > 0) return
    this.#over = true
    if (written) this.#finish()
    else this.#io.stdout.once('drain', () => this.#finish())
  }

  /** Acknowledged is what has been printed. A reader that is slow slows the broker. */
  #write(topic: string, packet: IPublishPacket, done: () => void): boolean {
    const { stdout, clock } = this.#io
    const message = receivedMessage(topic, packet)
    const { output, complaints } = this.#wanted()
      ? this.#print(message, () => instantOf(clock.wallMicros()))
      : { output: '', complaints: [] }
    for (const complaint of complaints) this.#complain(complaint)
    const written = output === '' || stdout.write(toBytes(output))
    if (written) done()
    else stdout.once('drain', done)
    return written
  }

  #wanted(): boolean {
    const { randomPercent } = this.#settings
    return randomPercent === undefined || this.#io.random.next() * 100 < randomPercent
  }

  #forget(topic: string): void {
    this.#link.client.publish(topic, '', { qos: 1, retain: true }, (error) => {
      if (error) this.#link.fail(new RunRefusal(`Error: ${error.message}`, pubsubExitCode.failure, error))
    })
  }

  #complain(line: string): void {
    if (!this.#settings.quiet) this.#io.stderr.write(`${line}\n`)
  }

  #finish(exitCode: number = pubsubExitCode.success): void {
    this.#over = true
    this.#link.finish(exitCode)
  }
}
