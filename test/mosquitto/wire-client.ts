/** A client that says what it is told and shows each answer as a line of text, by an MQTT codec that is not ours. */
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { generate, type IConnectPacket, type Packet, type Parser, parser } from 'mqtt-packet'

export type Version = 3 | 4 | 5

export interface ConnectOptions {
  readonly version?: Version
  readonly clientId?: string
  readonly clean?: boolean
  readonly keepalive?: number
  readonly username?: string
  readonly password?: string
  readonly will?: {
    readonly topic: string
    readonly payload: string
    readonly qos?: 0 | 1 | 2
    readonly retain?: boolean
  }
  readonly properties?: IConnectPacket['properties']
}

/** `unreadable` is a packet that the codec of this client takes for malformed: with a code that has no place there. */
type Answer = Packet | 'closed' | 'unreadable'

export class WireClient {
  readonly version: Version
  readonly #stream: Duplex
  readonly #parser: Parser
  readonly #answers: Answer[] = []
  readonly #delivered: string[] = []
  #waiting: PromiseWithResolvers<void> | undefined
  #lastId = 0

  private constructor(stream: Duplex, version: Version) {
    this.version = version
    this.#stream = stream
    this.#parser = parser({ protocolVersion: version === 3 ? 3 : version })
    this.#parser.on('packet', (packet) => this.#push(packet))
    this.#parser.on('error', () => this.#push('unreadable'))
    stream.on('data', (bytes: Buffer) => this.#parser.parse(bytes))
    // A reset and a handshake that fails are ways to be closed too.
    stream.on('error', () => undefined)
    stream.on('close', () => this.#push('closed'))
  }

  /** Sends CONNECT; the answer is what `connected` says. */
  static connect(stream: Duplex, options: ConnectOptions): WireClient {
    const client = new WireClient(stream, options.version ?? 4)
    client.#send(connectPacket(options))
    return client
  }

  /** `CONNACK 0`, with what else it says; `closed` where none came. */
  async connected(): Promise<string> {
    return describe(await this.#next())
  }

  /** The code or codes of SUBACK. */
  async subscribe(filter: string, qos: 0 | 1 | 2 = 0): Promise<string> {
    this.#send({
      cmd: 'subscribe',
      messageId: this.#id(),
      subscriptions: [{ topic: filter, qos, nl: false, rap: false, rh: 0 }],
    })
    return describe(await this.#next('suback'))
  }

  /** What PUBACK or PUBREC says; of QoS 0 what a PINGREQ behind it brings. */
  async publish(topic: string, payload: string | Buffer, qos: 0 | 1 | 2 = 0, retain = false): Promise<string> {
    const packet = { cmd: 'publish', topic, payload, qos, retain, dup: false } as const
    this.#send(qos === 0 ? packet : { ...packet, messageId: this.#id() })
    if (qos === 0) return this.ping()
    const answer = await this.#next(qos === 1 ? 'puback' : 'pubrec')
    if (typeof answer === 'string' || answer.cmd !== 'pubrec' || (answer.reasonCode ?? 0) >= 0x80)
      return describe(answer)
    this.#send({ cmd: 'pubrel', messageId: answer.messageId ?? 0 })
    return `${describe(answer)}, ${describe(await this.#next('pubcomp'))}`
  }

  async ping(): Promise<string> {
    this.#send({ cmd: 'pingreq' })
    return describe(await this.#next('pingresp'))
  }

  /** All that was delivered until a PINGREQ is answered; acknowledged on the way. */
  async delivered(): Promise<readonly string[]> {
    await this.ping()
    return this.#delivered.splice(0)
  }

  /** Waits until so many have been delivered, for what comes without being asked for. */
  async delivery(count = 1): Promise<readonly string[]> {
    while (this.#delivered.length < count) {
      this.#take()
      if (this.#delivered.length >= count || this.#answers.includes('closed')) break
      await this.#arrival()
    }
    return this.#delivered.splice(0)
  }

  /** All that is delivered up to this payload. */
  async deliveredUntil(payload: string): Promise<readonly string[]> {
    const lines: string[] = []
    while (!lines.some((line) => line.includes(` ${payload} `))) lines.push(...(await this.delivery(1)))
    return lines
  }

  /** Leaves as it should. */
  async disconnect(): Promise<void> {
    this.#send({ cmd: 'disconnect' })
    this.#stream.end()
    await this.#closed()
  }

  /** Leaves without a word, so that its will is published. */
  async vanish(): Promise<void> {
    this.#stream.destroy()
    await this.#closed()
  }

  async #closed(): Promise<void> {
    if (!this.#stream.closed) await once(this.#stream, 'close').catch(() => undefined)
  }

  #send(packet: Packet): void {
    if (this.#stream.writable) this.#stream.write(generate(packet, { protocolVersion: this.version }))
  }

  #id(): number {
    return ++this.#lastId
  }

  #push(answer: Answer): void {
    this.#answers.push(answer)
    this.#waiting?.resolve()
    this.#waiting = undefined
  }

  async #arrival(): Promise<void> {
    this.#waiting ??= Promise.withResolvers()
    await this.#waiting.promise
  }

  /** The next packet that is no delivery; of this kind, or one that ends the connection. */
  async #next(kind?: Packet['cmd']): Promise<Answer> {
    for (;;) {
      this.#take()
      const answer = this.#answers[0]
      if (answer === undefined) await this.#arrival()
      // The end stays where it is: whoever asks next gets it too.
      else if (answer === 'closed') return answer
      else if (answer === 'unreadable') return this.#answers.shift() ?? answer
      else {
        this.#answers.shift()
        if (kind === undefined || answer.cmd === kind || answer.cmd === 'disconnect') return answer
      }
    }
  }

  /** Moves deliveries from what has come to what was delivered. */
  #take(): void {
    for (let index = 0; index < this.#answers.length; ) {
      const answer = this.#answers[index]
      if (answer === undefined || typeof answer === 'string' || (answer.cmd !== 'publish' && answer.cmd !== 'pubrel')) {
        index++
        continue
      }
      this.#answers.splice(index, 1)
      if (answer.cmd === 'pubrel') {
        this.#send({ cmd: 'pubcomp', messageId: answer.messageId ?? 0 })
        continue
      }
      const { topic, payload, qos, retain, messageId = 0 } = answer
      this.#delivered.push(`${topic} ${payload.toString()} qos=${qos}${retain ? ' retained' : ''}`)
      if (qos === 1) this.#send({ cmd: 'puback', messageId })
      if (qos === 2) this.#send({ cmd: 'pubrec', messageId })
    }
  }
}

function connectPacket(options: ConnectOptions): Packet {
  const {
    version = 4,
    clientId = 'client',
    clean = true,
    keepalive = 60,
    username,
    password,
    will,
    properties,
  } = options
  return {
    cmd: 'connect',
    protocolId: version === 3 ? 'MQIsdp' : 'MQTT',
    protocolVersion: version,
    clientId,
    clean,
    keepalive,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: Buffer.from(password) }),
    ...(will === undefined
      ? {}
      : { will: { ...will, qos: will.qos ?? 0, retain: will.retain ?? false, payload: Buffer.from(will.payload) } }),
    ...(properties === undefined || version !== 5 ? {} : { properties }),
  }
}

/** What of CONNACK's properties is a configuration's doing. */
const toldProperties = [
  'maximumQoS',
  'retainAvailable',
  'maximumPacketSize',
  'topicAliasMaximum',
  'receiveMaximum',
  'serverKeepAlive',
  'sessionExpiryInterval',
] as const

function describe(answer: Answer): string {
  if (typeof answer === 'string') return answer
  switch (answer.cmd) {
    case 'connack': {
      const properties = toldProperties.flatMap((name) => {
        const value = answer.properties?.[name]
        return value === undefined ? [] : [`${name}=${Number(value)}`]
      })
      const assigned = answer.properties?.assignedClientIdentifier
      const prefix = assigned === undefined ? [] : [`assigned=${assigned.slice(0, 5)}…`]
      const present = answer.sessionPresent ? ['session'] : []
      return ['CONNACK', hex(answer.reasonCode ?? answer.returnCode ?? 0), ...present, ...properties, ...prefix].join(
        ' ',
      )
    }
    case 'suback':
      return `SUBACK ${answer.granted.map((code) => hex(Number(code))).join(' ')}`
    case 'puback':
    case 'pubrec':
    case 'pubcomp':
    case 'disconnect':
      return `${answer.cmd.toUpperCase()} ${hex(answer.reasonCode ?? 0)}`
    default:
      return answer.cmd.toUpperCase()
  }
}

const hex = (code: number): string => `0x${code.toString(16).padStart(2, '0')}`
