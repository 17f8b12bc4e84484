/**
 * One client's connection: takes what the decoder finds, holds what belongs to the connection and not to the session,
 * and hands over to `connect`, `publish` and `subscribe`. It has no timer of its own; the broker's tick looks at it.
 */
import {
  type AcknowledgementPacket,
  acknowledgementBytes,
  type ControlPacket,
  type DecodeFault,
  Decoder,
  type Packet,
  type PacketSink,
  type ProtocolVersion,
  type PublishFrame,
  reasonCode,
  writeAcknowledgement,
} from '@hawser/codec'
import type { Identity } from '../access.ts'
import { type AfterCommit, acknowledgementTypes, afterCommit } from '../delivery/commit-queue.ts'
import { takesMore } from '../delivery/takes-more.ts'
import type { Limits } from '../limits/limits.ts'
import { asRefusal, countFault, type Fault, protocolFault, tooManyUnanswered } from '../limits/refusals.ts'
import { sinkOf } from '../limits/throttle.ts'
import { countReasons } from '../measure/reason-counts.ts'
import { type Mount, mountOf } from '../mount/mount.ts'
import { encodeWithin } from '../protocol/encode-within.ts'
import { restrictsPublishes } from '../protocol/offered.ts'
import type { ProtocolOptions } from '../protocol/options.ts'
import { ReceiveRights } from '../rights/receive-rights.ts'
import type { WireKind } from '../router/route.ts'
import type { Services } from '../services.ts'
import type { Tracer } from '../trace/tracer.ts'
import { Output, type OutputOwner } from '../transport/output.ts'
import type { Transport, TransportHandler } from '../transport/transport.ts'
import { acknowledged } from './acknowledged.ts'
import { refuseConnect } from './connack.ts'
import { type ConnectOutcome, openSession, takeRequests } from './connect.ts'
import { type Farewell, farewellPacket, tellConnected, tellDisconnected } from './connection-events.ts'
import { connackCodeOf } from './disconnect.ts'
import type { EnhancedAuthentication } from './enhanced-authentication.ts'
import type { OutboundAliases } from './outbound-aliases.ts'
import { type PauseCause, pauseCause } from './pause-cause.ts'
import { pauseWhereFull } from './pause-where-full.ts'
import { Publisher } from './publisher.ts'
import { Reading } from './reading.ts'
import { request } from './request.ts'
import type { Session } from './session.ts'
import { Unanswered } from './unanswered.ts'

type Stage = 'new' | 'connecting' | 'connected' | 'closed'

export class Connection implements PacketSink, TransportHandler, OutputOwner {
  readonly services: Services
  readonly protocol: ProtocolOptions
  readonly transport: Transport
  /** Those of its listener, or of all. */
  limits: Limits
  readonly output: Output
  readonly reading: Reading
  /** When its socket was accepted. */
  readonly connectedAtMs: number
  /** When CONNECT was there whole. */
  connectReceivedAtMs = 0
  /** Where its topics hang; undefined: at the root. */
  readonly mount: Mount | undefined
  /** What was announced to the client; `limits` may have changed since. */
  readonly packetBytesMax: number
  readonly topicAliasMaximum: number
  /** Until CONNECT is seen. */
  version: ProtocolVersion = 4
  session: Session | undefined
  identity: Identity | undefined
  /** Its credential ends then, on the monotonic clock, and the connection with it. */
  identityExpiresAtMs = Number.POSITIVE_INFINITY
  /** Of a client that named a method in CONNECT. */
  authentication: EnhancedAuthentication | undefined
  username: string | undefined
  cleanStart = true
  keepAliveSeconds = 0
  /** What may be in flight to the client. */
  sendWindow = 0
  maximumPacketBytes = Number.POSITIVE_INFINITY
  /** Not every publish is offered: each is looked at. */
  restrictsPublishes = false
  /** Other packets than CONNACK and DISCONNECT may explain themselves. */
  problemInformation = true
  /** Session Expiry Interval of CONNECT: what DISCONNECT may change goes by it. */
  askedExpirySeconds = 0
  outboundAliases: OutboundAliases | undefined
  readonly #receiveRights: ReceiveRights
  /** Reads along; undefined: nobody does. */
  tracer: Tracer | undefined
  packetsReceived = 0
  publishesSent = 0
  /** Of the DISCONNECT that ended it, and whose it was. */
  #farewell: Farewell | undefined
  readonly #decoder: Decoder
  readonly #publisher: Publisher
  /** Who takes what the decoder finds: itself, or what stands before it. */
  #sink: PacketSink
  #stage: Stage = 'new'
  readonly #unanswered = new Unanswered()

  constructor(services: Services, transport: Transport) {
    this.services = services
    this.protocol = services.offers.at(transport.rules)
    this.transport = transport
    const limits = services.limitsOf(transport)
    this.limits = limits
    this.restrict()
    this.connectedAtMs = transport.acceptedAtMs
    this.reading = new Reading(transport, services.clock)
    this.topicAliasMaximum = limits.topicAliasMaximum
    this.packetBytesMax = limits.packetBytesMax
    this.mount = mountOf(transport.rules.mountPoint)
    this.#sink = sinkOf(this)
    this.output = new Output(transport, services.pool, services.flusher, limits.outputHighWaterBytes, this)
    this.#decoder = new Decoder({
      packetBytesMax: limits.packetBytesMax,
      receives: 'from-client',
      topicCheck: 'caller',
      held: services.unfinished.held,
    })
    this.#receiveRights = new ReceiveRights(services.rights, services.counters)
    this.#publisher = new Publisher(this)
  }

  get stage(): Stage {
    return this.#stage
  }

  /** What of a packet has come that is not whole. */
  get unfinished(): { readonly bytes: number } | undefined {
    return this.#decoder.unfinished
  }

  /** The bytes of a plain QoS 0 message may be shared with others; undefined where this client needs its own. */
  get sharedWire(): WireKind | undefined {
    if (this.outboundAliases !== undefined || this.mount !== undefined) return undefined
    if (this.maximumPacketBytes !== Number.POSITIVE_INFINITY) return undefined
    return this.version === 5 ? 'v5' : 'plain'
  }

  bytes(buffer: Buffer, start: number, end: number): void {
    this.services.counters.bytesReceived += end - start
    const { packetsReceived } = this
    this.reading.gotBytes()
    const fault = this.#decoder.feed(buffer, start, end, this.#sink)
    this.#publisher.endRead()
    if (this.packetsReceived !== packetsReceived) this.reading.gotPacket()
    this.#afterFeed(fault)
  }

  publish(frame: PublishFrame): void {
    this.packetsReceived++
    if (this.#stage === 'connected') this.#publisher.publish(frame)
    else this.fault(protocolFault('PUBLISH before CONNECT [MQTT-3.1.0-1]'))
  }

  acknowledgement(type: AcknowledgementPacket['type'], packetId: number, code: number): void {
    this.packetsReceived++
    this.services.counters.reasonsReceived.add(type, code)
    this.#publisher.endRun()
    if (this.#stage === 'connected') acknowledged(this, type, packetId, code)
    else this.fault(protocolFault(`${type} before CONNECT [MQTT-3.1.0-1]`))
  }

  control(packet: ControlPacket): void {
    this.packetsReceived++
    countReasons(this.services.counters.reasonsReceived, packet)
    this.#publisher.endRun()
    if (packet.type === 'connect') return this.#connect(packet)
    if (packet.type === 'auth' && this.authentication !== undefined) return this.authentication.received(packet)
    if (this.#stage !== 'connected') {
      // [MQTT-3.1.2-30]: it gives up the authentication that it began.
      if (packet.type === 'disconnect') return this.end()
      return this.fault(protocolFault(`${packet.type} before CONNACK [MQTT-3.1.0-1] [MQTT-3.1.2-30]`))
    }
    request(this, packet)
  }

  /**
   * An acknowledgement: four bytes in the output and no object, unless there is something to explain. [MQTT-2.2.1-5]
   * v3.1.1 [MQTT-2.3.1-6]
   */
  acknowledge(kind: AfterCommit, packetId: number, code: number = reasonCode.success, why?: string): void {
    const type = acknowledgementTypes[kind - afterCommit.puback]
    const { counters } = this.services
    const isReceipt = code === reasonCode.success && (kind === afterCommit.puback || kind === afterCommit.pubrec)
    if (this.#stage !== 'connected' || type === undefined) {
      if (isReceipt) counters.accounts.receiptsMissed++
      return
    }
    this.#unanswered.answered(kind, code)
    if (isReceipt) counters.publishesAcknowledged++
    if (why !== undefined && this.version === 5 && this.problemInformation) {
      return this.send({ type, packetId, reasonCode: code, properties: { reasonString: why } })
    }
    const at = this.output.reserve(acknowledgementBytes(code, this.version))
    writeAcknowledgement(this.output.target, at, type, packetId, code, this.version)
    counters.packetsSent++
    counters.reasonsSent.addType(kind, code)
  }

  /** Counts a QoS 1 or 2 publish that is to be answered; false where it is one too many. [MQTT-3.3.4-7] */
  receives(): boolean {
    // Before 5.0 nobody is told of a maximum: there are no more than packet ids.
    if (this.#unanswered.add() <= this.limits.receiveMaximum || this.version !== 5) return true
    this.fault(tooManyUnanswered)
    return false
  }

  send(packet: Packet): void {
    if (this.#stage === 'closed') return
    const bytes = encodeWithin(packet, this)
    if (bytes === undefined) {
      // Nothing smaller says it. A client that takes a DISCONNECT is told so.
      return packet.type === 'connack' || packet.type === 'disconnect'
        ? this.end()
        : this.disconnect(reasonCode.packetTooLarge)
    }
    const { counters } = this.services
    counters.packetsSent++
    countReasons(counters.reasonsSent, packet)
    this.output.write(bytes)
  }

  /** The peer broke the protocol: 5.0 is told why, then the connection ends. [MQTT-4.13.1-1] v3.1.1 [MQTT-4.8.0-1] */
  fault(fault: Fault): void {
    if (this.#stage === 'closed') return
    countFault(this.services.counters, fault)
    if (this.#stage === 'connected') this.disconnect(fault.reasonCode, fault.message)
    else refuseConnect(this, fault)
  }

  /** Ends the connection from this side. The will is published: this is not the client's DISCONNECT. */
  disconnect(code: number, reasonString?: string): void {
    if (this.#stage === 'closed') return
    // [MQTT-3.14.0-1]
    if (this.#stage === 'connecting') return refuseConnect(this, { reasonCode: connackCodeOf(code) })
    this.#farewell = { reasonCode: code, by: 'broker' }
    // Before 5.0 a server has no DISCONNECT: it closes.
    const isTold = this.#stage === 'connected' && this.version === 5
    if (isTold) this.send(farewellPacket(this.protocol, code, reasonString))
    this.end()
  }

  /** The registry has given the session to another connection. [MQTT-3.1.4-3] */
  takenOver(): void {
    this.session = undefined
    this.disconnect(reasonCode.sessionTakenOver)
  }

  /** The client has said DISCONNECT. v5 [MQTT-3.14.4-3]; v3.1.1 [MQTT-3.14.4-3] with the packet itself */
  leave(code: number): void {
    this.#farewell = { reasonCode: code, by: 'client' }
    this.end(code === reasonCode.normalDisconnection, true)
  }

  /**
   * Sends what is gathered and closes [MQTT-3.14.4-1] [MQTT-3.14.4-2] [MQTT-4.13.2-1]; the session learns of it now.
   * `graceful`: its will is not wanted any more. `peerIsDone`: the client sends nothing more.
   */
  end(graceful = false, peerIsDone = false): void {
    if (this.#stage === 'closed') return
    this.#farewell ??= { reasonCode: undefined, by: 'broker' }
    // Nothing more is read or sent. [MQTT-3.1.4-6]; v3.1.1 [MQTT-3.1.4-5]
    this.#decoder.halt()
    this.output.flush()
    // First, because a transport may tell of its end at once, and does not know whose it was.
    this.#close(graceful)
    this.transport.end(peerIsDone)
  }

  drained(): void {
    this.reading.drained(this.output.sentBytes)
    takesMore(this.services, this.session)
  }

  /** The transport is over. */
  closed(): void {
    this.#close(false)
  }

  gone(): void {
    this.services.gone(this)
  }

  /** Looks at nothing behind the packet at hand, until `goOn`. */
  hold(cause: PauseCause): void {
    this.#decoder.suspend()
    this.reading.hold(cause)
  }

  goOn(cause: PauseCause): void {
    if (this.#stage === 'closed' || !this.reading.release(cause)) return
    const fault = this.#decoder.resume(this.#sink)
    this.#publisher.endRead()
    this.#afterFeed(fault)
  }

  /** Whether its client may read a topic: remembered until rights change. */
  mayReceive(topic: string): boolean | Promise<boolean> {
    return this.#receiveRights.ask(this.identity, topic)
  }

  forgetRights(): void {
    this.#receiveRights.forget()
    this.#publisher.forgetRights()
  }

  /** The log refused an append that the session needs: the next commit may have room. */
  waitForLog(): void {
    this.services.waitForLog(this)
  }

  logHasRoom(): void {
    this.reading.resume(pauseCause.log)
    takesMore(this.services, this.session)
  }

  #afterFeed(fault: DecodeFault | undefined): void {
    if (fault !== undefined) {
      this.version = this.#decoder.version ?? this.version
      this.fault(asRefusal(fault))
    }
    pauseWhereFull(this)
  }

  #connect(packet: Extract<ControlPacket, { type: 'connect' }>): void {
    if (this.#stage !== 'new') return this.fault(protocolFault('a second CONNECT [MQTT-3.1.0-2]'))
    this.#stage = 'connecting'
    this.connectReceivedAtMs = this.services.clock.monotonicMs()
    this.version = packet.version
    takeRequests(this, packet)
    // Nothing behind CONNECT is looked at before it is answered: the session may have to be read first.
    this.#decoder.suspend()
    this.reading.holdBack(pauseCause.connecting)
    openSession(this, packet).then(
      (outcome) => this.#opened(outcome),
      (error: unknown) => this.services.failed(this, error),
    )
  }

  #opened(outcome: ConnectOutcome): void {
    if (outcome.kind === 'refused') return this.#stage === 'closed' ? undefined : refuseConnect(this, outcome)
    using _ = outcome.announced
    const { session } = outcome
    // The client, or a takeover, may have ended it meanwhile.
    if (this.#stage === 'closed' || session.connection !== this) {
      if (session.connection === this) this.services.sessions.closed(session, false)
      return this.end()
    }
    this.#stage = 'connected'
    this.session = session
    // Before all others, and once. [MQTT-3.2.0-1] [MQTT-3.2.0-2]; v3.1.1 [MQTT-3.2.0-1]
    this.send(outcome.connack)
    this.services.sessions.opened(session)
    tellConnected(this, session, outcome.connack)
    session.redelivery = session.inflight?.messages() ?? []
    this.services.catchUp.start(session)
    this.goOn(pauseCause.connecting)
  }

  /** Whether its publishes are to be looked at one by one. */
  restrict(): void {
    const bounded = this.limits.payloadBytesMax > 0 || this.services.disk.low
    this.restrictsPublishes = bounded || restrictsPublishes(this.protocol)
  }

  /** What was announced to its client stays; the rest holds from now on. */
  limitsChanged(): void {
    this.limits = this.services.limitsOf(this.transport)
    this.sendWindow = Math.min(this.sendWindow, this.limits.inflightMax)
    this.restrict()
    this.#publisher.limitsChanged()
    this.reroute()
    this.services.throttles.release(this)
  }

  /** Who stands before it has changed. */
  reroute(): void {
    this.#sink = sinkOf(this)
  }

  #close(graceful: boolean): void {
    if (this.#stage === 'closed') return
    if (this.#stage === 'connected') tellDisconnected(this, this.#farewell)
    this.#stage = 'closed'
    this.reading.end()
    this.#decoder.halt()
    this.output.close()
    this.authentication?.closed()
    const { session } = this
    this.session = undefined
    if (session !== undefined && session.connection === this) this.services.sessions.closed(session, graceful)
    this.services.forget(this)
  }
}
