/**
 * A client as a state machine on an independent codec: it keeps its half of a session as MQTT asks, resends what is
 * unanswered, and may owe acknowledgements. What it sees goes to the ledger.
 */
import mqtt, { type Packet, type Parser } from 'mqtt-packet'
import type { ClientProfile } from '../history.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Message, SessionRecord } from '../ledger/records.ts'
import type { WillRecord } from '../ledger/wills.ts'
import { Inbound, nameOf, payloadOf } from './inbound.ts'
import type { Interference } from './interference.ts'
import type { Link } from './link.ts'

type AnyPacket = Packet & Record<string, unknown>

/** Sent and not completed, in the order of sending. */
interface Outbound {
  readonly message: Message
  state: 'published' | 'released'
}

export interface Surroundings extends Required<Pick<Interference, 'outgoing' | 'incoming' | 'early'>> {
  readonly ledger: Ledger
  nowMs(): number
  /** Connections of all clients are counted together. */
  nextConnection(): number
  /** A CONNECT that a process has read may come through behind a later one: it waits for a node that is cut off. */
  readonly lateConnects: boolean
}

export class Client {
  readonly name: string
  readonly profile: ClientProfile
  readonly #around: Surroundings
  readonly #outbound = new Map<number, Outbound>()
  readonly #requests = new Map<number, readonly string[]>()
  readonly #inbound: Inbound
  #packetId = 0
  #sessions = 0
  #link: Link | undefined
  #parser: Parser | undefined
  #stage: 'offline' | 'connecting' | 'connected' = 'offline'
  /** The number of its newest one. */
  connection = 0
  session: SessionRecord | undefined
  onRetained: (topic: string, id: string) => void = () => {}
  /** A CONNECT of which nothing was heard may have made a session, or ended one. */
  #unsure = false
  #asked = { clean: false, durable: false }
  /** Half-open connections that ask for a clean start, and were not answered. */
  #lateStarts: Link[] = []
  #will: WillRecord | undefined
  /** DISCONNECT is sent, and read once `taken` of the link has come so far. */
  #farewell: number | undefined

  /** Wills whose DISCONNECT has been read, and perhaps not made durable. */
  readonly #discarding: WillRecord[] = []

  constructor(name: string, profile: ClientProfile, around: Surroundings) {
    this.name = name
    this.profile = profile
    this.#around = around
    this.#inbound = new Inbound(this, around.ledger, (packet) => this.#send(packet))
  }

  get connected(): boolean {
    return this.#stage === 'connected'
  }
  get offline(): boolean {
    return this.#stage === 'offline'
  }
  get link(): Link | undefined {
    return this.#link
  }
  /** It takes all that it is sent, and answers. */
  get attentive(): boolean {
    return this.connected && this.#inbound.attentive
  }

  connect(link: Link, clean: boolean, withWill: boolean): void {
    if (this.#link !== undefined) this.vanish(true)
    const { version, expirySeconds, receiveMaximum, willDelaySeconds } = this.profile
    const { ledger } = this.#around
    this.connection = this.#around.nextConnection()
    this.#link = link
    this.#stage = 'connecting'
    this.#asked = { clean, durable: version === 4 ? !clean : expirySeconds > 0 }
    ledger.wills.asked(this.name, clean)
    if (clean) this.#renew()
    this.#will = withWill ? ledger.wills.make(this.name, version === 5 ? willDelaySeconds * 1000 : 0) : undefined
    this.#farewell = undefined
    this.#parser = mqtt.parser({ protocolVersion: version })
    this.#parser.on('packet', (packet: Packet) => {
      const come = this.#around.incoming(packet as AnyPacket)
      if (come !== undefined) this.#received(come as AnyPacket)
    })
    this.#parser.on('error', (error) => ledger.violate({ invariant: 0, what: `${this.name}: ${error.message}` }))
    link.client = { bytes: (bytes) => void this.#parser?.parse(bytes), closed: () => this.#lost() }
    this.#send({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: version,
      clientId: this.name,
      clean,
      keepalive: 0,
      ...(version === 5 && { properties: { sessionExpiryInterval: expirySeconds, receiveMaximum } }),
      ...(this.#will && { will: willPacket(this.name, this.#will, version) }),
    })
  }

  /** Says goodbye: its will is not wanted. */
  disconnect(): void {
    const link = this.#link
    if (link === undefined || !this.connected) return
    this.#farewell = this.#send({ cmd: 'disconnect', reasonCode: 0 })
    // It reads on until the broker closes.
  }

  vanish(unnoticed: boolean): void {
    const link = this.#link
    if (link === undefined) return
    // A CONNECT that came behind a later one of its client would take over from that.
    const all = this.#stage === 'connecting'
    const isLate = all && unnoticed && this.#asked.clean && this.#around.lateConnects
    if (isLate && link.taken > 0) this.#lateStarts.push(link)
    if (unnoticed) link.abandon(all)
    else link.vanish(all)
    this.#lost()
  }

  subscribe(filter: string, qos: 0 | 1 | 2): void {
    if (!this.#ready || this.session === undefined) return
    this.#around.ledger.subscribed(this.session, filter, qos)
    const messageId = this.#nextPacketId()
    this.#requests.set(messageId, [filter])
    this.#send({ cmd: 'subscribe', messageId, subscriptions: [{ topic: filter, qos, nl: false, rap: false, rh: 0 }] })
  }

  unsubscribe(filter: string): void {
    if (!this.#ready || this.session === undefined) return
    this.#around.ledger.unsubscribed(this.session, filter)
    const messageId = this.#nextPacketId()
    this.#requests.set(messageId, [filter])
    this.#send({ cmd: 'unsubscribe', messageId, unsubscriptions: [filter] })
  }

  publish(topic: string, qos: 0 | 1 | 2, retain: boolean, deletes: boolean): void {
    if (!this.#ready || this.session === undefined) return
    const { name } = this.session
    const { connection } = this
    const process = this.#link?.process ?? 0
    const message = this.#around.ledger.publish({ topic, qos, retain, deletes, from: name, connection, process })
    const messageId = qos > 0 ? this.#nextPacketId() : 0
    if (qos > 0) this.#outbound.set(messageId, { message, state: 'published' })
    this.#sendPublish(messageId, message, false)
  }

  /** With nothing under way, everything is answered and released. */
  checkComplete(): void {
    this.#inbound.checkComplete()
    for (const { message, state } of this.#outbound.values()) {
      this.#around.ledger.violate({ invariant: 0, what: `${this.name}: ${message.id} is ${state}, and never answered` })
    }
  }

  owe(): void {
    this.#inbound.owes = true
  }
  acknowledge(): void {
    this.#inbound.pay()
  }
  stall(stalled: boolean): void {
    if (this.#link === undefined) return
    this.#link.stalled = stalled
    this.#inbound.stalled = stalled
  }

  get #ready(): boolean {
    return this.connected && this.#farewell === undefined
  }

  /** Nothing is under way any more: what DISCONNECT said is durable. */
  settleFarewells(): void {
    for (const will of this.#discarding.splice(0)) this.#around.ledger.wills.discarded(will)
  }
  /** A process has died: perhaps with what DISCONNECT said. */
  forgetFarewells(): void {
    this.#discarding.length = 0
  }
  #received(packet: AnyPacket): void {
    const { ledger } = this.#around
    ledger.trace?.(`${this.name} <- ${brief(packet)}`)
    if (!this.connected && packet.cmd !== 'connack') {
      ledger.violate({ invariant: 0, what: `${this.name} got ${packet.cmd} before CONNACK` })
    }
    switch (packet.cmd) {
      case 'connack':
        return this.#connackReceived(packet)
      case 'publish':
        if (packet['retain'] === true) this.onRetained(String(packet['topic']), nameOf(packet['payload']))
        return this.session && this.#inbound.received(packet, this.session, this.connection)
      case 'pubrel':
        return this.session && this.#inbound.received(packet, this.session, this.connection)
      case 'puback':
      case 'pubrec':
      case 'pubcomp':
        return this.#answered(packet)
      case 'suback':
      case 'unsuback':
        return this.#requestAnswered(packet)
      case 'disconnect':
        return
      default:
        ledger.violate({ invariant: 0, what: `${this.name} got ${packet.cmd}` })
    }
  }

  #connackReceived(packet: AnyPacket): void {
    const { ledger, nowMs } = this.#around
    const code = Number(packet['reasonCode'] ?? packet['returnCode'] ?? 0)
    if (code !== 0) return this.vanish(false)
    const present = packet['sessionPresent'] === true
    this.#stage = 'connected'
    if (this.#will !== undefined) this.#will.armed = true
    this.#checkPresence(present)
    if (!present && (this.session === undefined || this.session.established)) this.#renew()
    if (present && this.#unsure && this.#mayHaveEnded()) this.#renew()
    this.#unsure = false
    this.#lateStarts = this.#lateStarts.filter(({ closedAtMs }) => closedAtMs === undefined)
    const { session } = this
    if (session === undefined) return
    session.durable = this.#asked.durable
    if (!present) ledger.confirmedNew(session)
    session.established = true
    session.connectedAt = ledger.now
    session.lostAtMs = undefined
    ledger.wills.resumed(this.name, present, nowMs())
    this.#inbound.connected()
    for (const [messageId, { message, state }] of this.#outbound) {
      if (state === 'released') this.#send({ cmd: 'pubrel', messageId })
      else {
        message.sends++
        this.#sendPublish(messageId, message, true)
      }
    }
  }

  #checkPresence(present: boolean): void {
    const { ledger } = this.#around
    const { session } = this
    if (this.#asked.clean) {
      if (present) ledger.violate({ invariant: 0, what: `${this.name}: a session is present after a clean start` })
      return
    }
    if (this.#unsure) return
    const isNew = session?.established !== true
    if (isNew && present) ledger.violate({ invariant: 0, what: `${this.name}: a session is present that never was` })
    if (isNew || present || !session.durable) return
    if (!this.#mayHaveEnded()) ledger.violate({ invariant: 2, what: `${session.name} is lost before its expiry` })
  }

  #mayHaveEnded(): boolean {
    const { session } = this
    if (session?.durable !== true || this.#lateStarts.length > 0) return true
    const { version, expirySeconds } = this.profile
    const now = this.#around.nowMs()
    return version === 5 && now - (session.lostAtMs ?? now) >= expirySeconds * 1000
  }

  /** It has a new session, or asks for one: nothing of the old one counts. */
  #renew(): void {
    const { ledger } = this.#around
    const name = `${this.name}#${++this.#sessions}`
    const { durable } = this.#asked
    this.session =
      this.session === undefined ? ledger.newSession(name, durable) : ledger.renewed(this.session, name, durable)
    this.#outbound.clear()
    this.#inbound.forget()
  }

  #answered(packet: AnyPacket): void {
    const messageId = Number(packet['messageId'])
    const outbound = this.#outbound.get(messageId)
    if (outbound === undefined) return
    const code = Number(packet['reasonCode'] ?? 0)
    if (packet.cmd === 'pubcomp') return void this.#outbound.delete(messageId)
    this.#around.ledger.answered(outbound.message, code)
    if (packet.cmd === 'puback' || code >= 0x80) return void this.#outbound.delete(messageId)
    outbound.state = 'released'
    this.#send({ cmd: 'pubrel', messageId })
  }

  #requestAnswered(packet: AnyPacket): void {
    const { ledger } = this.#around
    const messageId = Number(packet['messageId'])
    const [filter] = this.#requests.get(messageId) ?? []
    this.#requests.delete(messageId)
    if (filter === undefined || this.session === undefined) return
    if (packet.cmd === 'unsuback') return ledger.unsubscriptionAnswered(this.session, filter)
    const [granted] = packet['granted'] as (number | { readonly qos: number })[]
    ledger.subscriptionAnswered(this.session, filter, typeof granted === 'object' ? granted.qos : (granted ?? 0x80))
  }

  #lost(): void {
    const { ledger, nowMs } = this.#around
    const link = this.#link
    if (link === undefined) return
    ledger.trace?.(`${this.name} lost its connection`)
    const lostAtMs = link.closedAtMs ?? nowMs()
    if (this.#will !== undefined) {
      const said = this.#farewell !== undefined
      ledger.wills.lost(this.#will, said, lostAtMs)
      // Behind a request that waits it may have come to the broker, and not been looked at.
      if (said && !link.isCut && this.#requests.size === 0 && link.taken >= (this.#farewell ?? 0))
        this.#discarding.push(this.#will)
    }
    // Whoever heard no CONNACK cannot tell what became of its session.
    if (this.#stage === 'connecting' || this.#lateStarts.length > 0) this.#unsure = true
    else if (this.session !== undefined) this.session.lostAtMs = lostAtMs
    link.client = undefined
    this.#link = undefined
    this.#stage = 'offline'
    this.#will = undefined
    this.#requests.clear()
    this.#inbound.lost(this.session)
  }

  #sendPublish(messageId: number, { topic, qos, retain, deletes, id }: Message, dup: boolean): void {
    this.#send({
      cmd: 'publish',
      topic,
      qos,
      retain,
      dup,
      messageId,
      payload: deletes ? Buffer.alloc(0) : payloadOf(id),
    })
  }

  #send(packet: Record<string, unknown>): number {
    // Nothing follows a DISCONNECT.
    if (this.#farewell !== undefined) return this.#farewell
    this.#around.ledger.trace?.(`${this.name} -> ${brief(packet)}`)
    const sent = this.#around.outgoing(packet)
    const bytes = mqtt.generate(sent as unknown as Packet, { protocolVersion: this.profile.version })
    const end = this.#link?.send(bytes) ?? 0
    const early = this.#around.early(packet)
    if (early !== undefined) this.#received({ messageId: packet['messageId'], ...early } as unknown as AnyPacket)
    return end
  }

  #nextPacketId(): number {
    do this.#packetId = (this.#packetId % 65_535) + 1
    while (this.#outbound.has(this.#packetId) || this.#requests.has(this.#packetId))
    return this.#packetId
  }
}

const willPacket = (name: string, { id, delayMs }: WillRecord, version: 4 | 5): Record<string, unknown> => ({
  topic: `will/${name}`,
  payload: payloadOf(id),
  qos: 2,
  retain: false,
  ...(version === 5 && { properties: { willDelayInterval: delayMs / 1000 } }),
})

function brief(packet: Record<string, unknown>): string {
  const { cmd, topic, payload, qos, messageId, dup, retain, reasonCode, returnCode, sessionPresent, clean } = packet
  const will = packet['will'] as { readonly payload: Buffer } | undefined
  const shown = {
    ...{ topic, qos, id: messageId, code: reasonCode ?? returnCode, present: sessionPresent, clean },
    ...(dup === true && { dup }),
    ...(retain === true && { retain }),
    ...(payload != null && { payload: nameOf(payload) }),
    ...(will && { will: nameOf(will.payload) }),
    ...{ filters: packet['subscriptions'] ?? packet['unsubscriptions'], granted: packet['granted'] },
  }
  return `${String(cmd)} ${JSON.stringify(shown)}`
}
