/**
 * A client's connection to its broker, from the first try to the DISCONNECT: opened, greeted, reopened where that is
 * wished, and ended with an exit code.
 */
import type { ConnectionOptions } from 'node:tls'
import { MessageChannel } from 'node:worker_threads'
import { milliseconds, sleep } from '@hawser/std'
import { type IPublishPacket, MqttClient, type Packet } from 'mqtt'
import type { CommandIo } from '../../command.ts'
import { pubsubExitCode, RunRefusal } from '../refusal.ts'
import type { ConnectionSettings } from '../settings.ts'
import { clientIdOf, clientOptions } from './client-options.ts'
import { DebugLog } from './debug-log.ts'
import { openStream } from './open-stream.ts'
import { PacketIds } from './packet-ids.ts'
import { connackText, reasonText, unsupportedProtocolVersion } from './reasons.ts'
import { tlsOptions } from './tls.ts'

const reconnectDelayMs = milliseconds(1_000)
/** How long the DISCONNECT may take before the stream is cut. */
const endMsMax = milliseconds(2_000)
const disconnectWithWill = 4

/** Has the library go on without an acknowledgement. */
const leftForLater = new Error('not acknowledged')

export interface LinkUse {
  /** Whether a connection that was lost is opened again, until told otherwise. */
  readonly reconnects: boolean
  /** What ends the command when it is told to end after the broker had answered. */
  readonly interruptedExitCode: number
  readonly messageCount?: number | undefined
  /** Once the first stream to the broker is open. */
  onOpen?(): void
  /** After each CONNACK that welcomes. */
  onConnect(): void
  /** `done` lets the library acknowledge it and go on; the next message waits for that. */
  onMessage?(topic: string, packet: IPublishPacket, done: () => void): void
}

export class Link {
  readonly client: MqttClient
  readonly #settings: ConnectionSettings
  readonly #io: CommandIo
  readonly #use: LinkUse
  readonly #tls: ConnectionOptions | undefined
  readonly #outcome = Promise.withResolvers<number>()
  /** Ends whatever is being opened or waited for. */
  readonly #over = new AbortController()
  #stream: MqttClient['stream'] | undefined
  #online = Promise.withResolvers<void>()
  #welcomed = false
  #finishing = false

  /** Throws `RunRefusal` where the settings cannot be put into practice. */
  constructor(settings: ConnectionSettings, io: CommandIo, use: LinkUse) {
    if (settings.protocolVersion < 5 && settings.password !== undefined && settings.username === undefined)
      throw new RunRefusal('Error: Problem setting username and/or password.')
    this.#settings = settings
    this.#io = io
    this.#use = use
    this.#tls = tlsOptions(settings)
    const ids = new PacketIds()
    const clientId = clientIdOf(settings, io.random)
    const options = clientOptions(settings, { clientId, ids, messageCount: use.messageCount })
    this.client = new MqttClient(() => this.#openStream(), options)
    this.#listen()
    if (settings.debug) this.#log(new DebugLog(clientId, ids, (line) => io.stdout.write(line)))
  }

  /** Answers the exit code; throws `RunRefusal` where something went wrong. */
  async run(): Promise<number> {
    const { signal } = this.#io
    const hold = heldProcess()
    const interrupt = (): void => this.#interrupt()
    signal.addEventListener('abort', interrupt, { once: true })
    try {
      if (signal.aborted) return pubsubExitCode.interrupted
      await Promise.race([this.#connect(), this.#outcome.promise])
      this.#use.onOpen?.()
      return await this.#outcome.promise
    } finally {
      signal.removeEventListener('abort', interrupt)
      this.#over.abort()
      this.#stream?.destroy()
      hold[Symbol.dispose]()
    }
  }

  /** Resolves while there is a connection, else with the next one. */
  online(): Promise<void> {
    return this.#online.promise
  }

  /** Says goodbye once what is under way is acknowledged; the first call counts. */
  finish(exitCode: number, reasonCode = 0): void {
    if (this.#finishing) return
    this.#finishing = true
    const end = (): void => this.#outcome.resolve(exitCode)
    const { protocolVersion, properties } = this.#settings
    const goodbye = protocolVersion === 5 ? { reasonCode, properties: properties.disconnect } : {}
    this.client.end(false, goodbye, end)
    this.#io.clock.after(endMsMax, end)
  }

  /** Ends with an error. */
  fail(error: unknown): void {
    this.#finishing = true
    this.#outcome.reject(error)
  }

  async #connect(): Promise<void> {
    this.#stream = await openStream(this.#settings, this.#tls, this.#over.signal)
    if (!this.#over.signal.aborted) this.client.connect()
  }

  #openStream(): MqttClient['stream'] {
    if (this.#stream === undefined) throw new Error('the library connects by itself')
    return this.#stream
  }

  #listen(): void {
    const { client } = this
    client.on('connect', () => {
      this.#welcomed = true
      this.#online.resolve()
      this.#use.onConnect()
    })
    client.on('packetreceive', (packet) => this.#received(packet))
    client.on('error', (error) => {
      if (error === leftForLater) return
      // Without a cut stream it is what came over it that is wrong, and the library would go on.
      if (this.#stream?.destroyed !== true) this.fail(protocolError(error))
    })
    client.on('close', () => this.#closed())
    client.options.customHandleAcks = (topic, _payload, packet, answer) => this.#accept(topic, packet, answer)
    const { onMessage } = this.#use
    if (onMessage === undefined) return
    let messageTopic = ''
    client.on('message', (topic) => {
      messageTopic = topic
    })
    client.handleMessage = (packet, callback) => onMessage(messageTopic, packet, () => callback())
  }

  /** Asked before a message of QoS 1 or 2 is taken. What comes after the goodbye is the session's next connection's. */
  #accept(topic: string, packet: { topic: string }, answer: (error: Error | number) => void): void {
    // The library keeps a message of QoS 2 without the topic that its alias stood for.
    packet.topic = topic
    answer(this.#finishing ? leftForLater : 0)
  }

  #log(log: DebugLog): void {
    this.client.on('packetsend', (packet) => log.sent(packet))
    this.client.on('packetreceive', (packet) => log.received(packet))
  }

  #received(packet: Packet): void {
    if (packet.cmd === 'disconnect') {
      const code = packet.reasonCode ?? 0
      this.fail(new RunRefusal(`Error: The broker ended the connection: ${reasonText(code)}.`, code))
    }
    if (packet.cmd !== 'connack') return
    const code = packet.reasonCode ?? packet.returnCode ?? 0
    if (code > 0) this.fail(new RunRefusal(refusalText(this.#settings, code), code))
  }

  #closed(): void {
    if (this.#finishing) return
    this.#online = Promise.withResolvers()
    if (this.#use.reconnects) void this.#reconnect()
    else this.fail(new RunRefusal('Error: The connection was lost.', pubsubExitCode.connectionLost))
  }

  async #reconnect(): Promise<void> {
    const { signal } = this.#over
    while (!signal.aborted && !this.#finishing) {
      try {
        await sleep(this.#io.clock, reconnectDelayMs, signal)
        await this.#connect()
        return
      } catch (error) {
        // Refused, like the lost connection before it, is a reason to try again; anything else is a bug.
        if (!signal.aborted && !(error instanceof RunRefusal)) this.fail(error)
      }
    }
  }

  #interrupt(): void {
    if (this.#welcomed) this.finish(this.#use.interruptedExitCode, disconnectWithWill)
    else this.#outcome.resolve(pubsubExitCode.interrupted)
  }
}

const protocolError = (cause: unknown): RunRefusal =>
  new RunRefusal(
    'Error: A network protocol error occurred when communicating with the broker.',
    pubsubExitCode.protocolError,
    cause,
  )

function refusalText({ protocolVersion }: ConnectionSettings, code: number): string {
  if (protocolVersion < 5) return `Connection error: ${connackText(code)}`
  const hint =
    code === unsupportedProtocolVersion ? '. Try connecting to an MQTT v5 broker, or use MQTT v3.x mode.' : ''
  return `Connection error: ${reasonText(code)}${hint}`
}

/** A clock's timers do not keep the process: between two connections nothing else would. */
function heldProcess(): Disposable {
  const { port1 } = new MessageChannel()
  port1.ref()
  return { [Symbol.dispose]: () => port1.close() }
}
