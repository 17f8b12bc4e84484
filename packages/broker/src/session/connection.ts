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
  encode,
  type Packet,
  type PacketSink,
  type ProtocolVersion,
  type PublishFrame,
  reasonCode,
  writeAcknowledgement,
} from '@hawser/codec'
import type { Identity } from '../access.ts'
import { type AfterCommit, afterCommit } from '../delivery/commit-queue.ts'
import { countReasons } from '../measure/reason-counts.ts'
import { ReceiveRights } from '../rights/receive-rights.ts'
import type { WireKind } from '../router/route.ts'
import type { Services } from '../services.ts'
import { Output } from '../transport/output.ts'
import type { Transport, TransportHandler } from '../transport/transport.ts'
import { acknowledged } from './acknowledged.ts'
import { type ConnectOutcome, openSession, refuseConnect } from './connect.ts'
import { type Farewell, tellConnected, tellDisconnected } from './connection-events.ts'
import type { OutboundAliases } from './outbound-aliases.ts'
import { type PauseCause, pauseCause } from './pause-cause.ts'
import { Publisher } from './publisher.ts'
import type { Session } from './session.ts'
import { subscribe, unsubscribe } from './subscribe.ts'

type Stage = 'new' | 'connecting' | 'connected' | 'closed'

const acknowledgementTypes = ['puback', 'pubrec', 'pubrel', 'pubcomp'] as const

export class Connection implements PacketSink, TransportHandler {
  readonly services: Services
  readonly transport: Transport
  readonly output: Output
  /** When its socket was accepted. */
  readonly connectedAtMs: number
  /** When CONNECT was there whole. */
  connectReceivedAtMs = 0
  /** What the client may send. */
  readonly packetBytesMax: number
  /** Answers before CONNECT is seen are those of 3.1.1. */
  version: ProtocolVersion = 4
  session: Session | undefined
  identity: Identity | undefined
  username: string | undefined
  cleanStart = true
  keepAliveSeconds = 0
  /** What may be in flight to the client. */
  sendWindow = 0
  maximumPacketBytes = Number.POSITIVE_INFINITY
  outboundAliases: OutboundAliases | undefined
  readonly #receiveRights: ReceiveRights
  /** It has been full for so long that it now loses QoS 0 instead of holding publishers back. */
  slow = false
  congestedSinceMs = 0
  packetsReceived = 0
  publishesSent = 0
  /** Of the DISCONNECT that ended it, and whose it was. */
  #farewell: Farewell | undefined
  /** Packets and bytes come in before this many milliseconds of the monotonic clock were over. */
  lastReadMs: number
  readonly #decoder: Decoder
  readonly #publisher: Publisher
  #stage: Stage = 'new'
  #paused = 0
  /** Publishers that wait for this connection to drain. */
  readonly #waiters = new Set<Connection>()

  constructor(services: Services, transport: Transport) {
    this.services = services
    this.transport = transport
    const { limits, pool, flusher, clock } = services
    this.connectedAtMs = transport.acceptedAtMs
    this.lastReadMs = clock.monotonicMs()
    this.packetBytesMax = Math.min(limits.packetBytesMax, transport.rules.packetBytesMax ?? limits.packetBytesMax)
    this.output = new Output(transport, pool, flusher, limits.outputHighWaterBytes, () => this.#drained())
    this.#decoder = new Decoder({
      packetBytesMax: this.packetBytesMax,
      receives: 'from-client',
      topicCheck: 'caller',
    })
    this.#receiveRights = new ReceiveRights(services.rights, services.counters)
    this.#publisher = new Publisher(this)
  }

  get stage(): Stage {
    return this.#stage
  }

  /** The bytes of a plain QoS 0 message may be shared with others; undefined where this client needs its own. */
  get sharedWire(): WireKind | undefined {
    if (this.outboundAliases !== undefined || this.maximumPacketBytes !== Number.POSITIVE_INFINITY) return undefined
    return this.version === 5 ? 'v5' : 'plain'
  }

  bytes(buffer: Buffer, start: number, end: number): void {
    const { counters, clock } = this.services
    counters.bytesReceived += end - start
    this.lastReadMs = clock.monotonicMs()
    const fault = this.#decoder.feed(buffer, start, end, this)
    this.#publisher.endRun()
    this.#afterFeed(fault)
  }

  publish(frame: PublishFrame): void {
    this.packetsReceived++
    if (this.#stage === 'connected') this.#publisher.publish(frame)
    else this.fault({ reasonCode: reasonCode.protocolError, message: 'PUBLISH before CONNECT [MQTT-3.1.0-1]' })
  }

  acknowledgement(type: AcknowledgementPacket['type'], packetId: number, code: number): void {
    this.packetsReceived++
    this.services.counters.reasonsReceived.add(type, code)
    this.#publisher.endRun()
    if (this.#stage === 'connected') acknowledged(this, type, packetId, code)
    else this.fault({ reasonCode: reasonCode.protocolError, message: `${type} before CONNECT [MQTT-3.1.0-1]` })
  }

  control(packet: ControlPacket): void {
    this.packetsReceived++
    countReasons(this.services.counters.reasonsReceived, packet)
    this.#publisher.endRun()
    if (packet.type === 'connect') return this.#connect(packet)
    if (this.#stage !== 'connected') {
      return this.fault({
        reasonCode: reasonCode.protocolError,
        message: `${packet.type} before CONNECT [MQTT-3.1.0-1]`,
      })
    }
    switch (packet.type) {
      case 'subscribe':
        return subscribe(this, packet)
      case 'unsubscribe':
        return unsubscribe(this, packet)
      case 'pingreq':
        return this.send({ type: 'pingresp' })
      case 'disconnect':
        return this.#disconnected(packet)
      case 'auth':
        return this.fault({
          reasonCode: reasonCode.protocolError,
          message: 'AUTH without an authentication method [MQTT-4.12.0-6]',
        })
      default:
        return this.fault({ reasonCode: reasonCode.protocolError, message: `${packet.type} from a client` })
    }
  }

  /** An acknowledgement without a reason: four bytes in the output, no object. */
  acknowledge(kind: AfterCommit, packetId: number, code: number = reasonCode.success): void {
    const type = acknowledgementTypes[kind - afterCommit.puback]
    if (this.#stage !== 'connected' || type === undefined) return
    const at = this.output.reserve(acknowledgementBytes(code, this.version))
    writeAcknowledgement(this.output.target, at, type, packetId, code, this.version)
    const { counters } = this.services
    counters.packetsSent++
    counters.reasonsSent.addType(kind, code)
    const isReceipt = kind === afterCommit.puback || kind === afterCommit.pubrec
    if (isReceipt && code === reasonCode.success) counters.publishesAcknowledged++
  }

  send(packet: Packet): void {
    if (this.#stage === 'closed') return
    const { counters } = this.services
    counters.packetsSent++
    countReasons(counters.reasonsSent, packet)
    this.output.write(encode(packet, this.version))
  }

  /** The peer broke the protocol: 5.0 is told why, then the connection ends. [MQTT-4.13.1-1] */
  fault(fault: DecodeFault): void {
    if (this.#stage === 'closed') return
    this.services.counters.protocolFaults++
    if (this.#stage === 'connected') this.disconnect(fault.reasonCode, fault.message)
    else refuseConnect(this, fault.reasonCode)
  }

  /** Ends the connection from this side. The will is published: this is not the client's DISCONNECT. */
  disconnect(code: number, reasonString?: string): void {
    if (this.#stage === 'closed') return
    this.#farewell = { reasonCode: code, by: 'broker' }
    if (this.#stage === 'connected' && this.version === 5) {
      this.send({
        type: 'disconnect',
        reasonCode: code,
        properties: reasonString === undefined ? {} : { reasonString },
      })
    }
    this.end()
  }

  /** The registry has given the session to another connection. [MQTT-3.1.4-3] */
  takenOver(): void {
    this.session = undefined
    this.disconnect(reasonCode.sessionTakenOver)
  }

  /** Sends what is gathered and closes; the session learns of it now. */
  end(): void {
    if (this.#stage === 'closed') return
    this.#farewell ??= { reasonCode: undefined, by: 'broker' }
    this.#decoder.halt()
    this.output.flush()
    this.transport.end()
    this.#close(false)
  }

  /** The transport is gone. */
  closed(): void {
    this.#close(false)
  }

  /** Stops reading from the peer for a cause; the transport goes on when no cause is left. */
  pause(cause: PauseCause): void {
    if (this.#paused === 0) this.transport.pause()
    this.#paused |= cause
  }

  resume(cause: PauseCause): void {
    if ((this.#paused & cause) === 0) return
    this.#paused &= ~cause
    if (this.#paused === 0 && this.#stage !== 'closed') this.transport.resume()
  }

  /** Looks at nothing behind the packet at hand, until `goOn`. */
  hold(cause: PauseCause): void {
    this.#decoder.suspend()
    this.pause(cause)
  }

  goOn(cause: PauseCause): void {
    if (this.#stage === 'closed') return
    this.resume(cause)
    const fault = this.#decoder.resume(this)
    this.#publisher.endRun()
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

  /** What this connection publishes fills `receiver`: do not read more until it drains. */
  holdFor(receiver: Connection): void {
    if (receiver === this) return
    if (receiver.#waiters.size === 0) receiver.congestedSinceMs = this.services.clock.monotonicMs()
    receiver.#waiters.add(this)
    this.pause(pauseCause.receiver)
  }

  /** The log refused an append that the session needs: the next commit may have room. */
  waitForLog(): void {
    this.services.waitForLog(this)
  }

  logHasRoom(): void {
    this.resume(pauseCause.log)
    if (this.session !== undefined) this.services.catchUp.start(this.session)
  }

  get paused(): boolean {
    return this.#paused !== 0
  }

  get holdsPublishersBack(): boolean {
    return this.#waiters.size > 0
  }

  /** From now on it loses QoS 0; those it held back go on. */
  callSlow(): void {
    this.slow = true
    this.#releaseWaiters()
  }

  #drained(): void {
    this.slow = false
    this.#releaseWaiters()
    this.resume(pauseCause.output)
    if (this.session !== undefined) this.services.catchUp.start(this.session)
  }

  #releaseWaiters(): void {
    for (const waiter of this.#waiters) waiter.resume(pauseCause.receiver)
    this.#waiters.clear()
  }

  #afterFeed(fault: DecodeFault | undefined): void {
    if (fault !== undefined) {
      this.version = this.#decoder.version ?? this.version
      this.fault(fault)
    }
    // A client that sends requests and never reads the answers is bounded by this.
    if (this.output.congested) this.pause(pauseCause.output)
    if (this.services.log.congested) {
      this.pause(pauseCause.log)
      this.services.waitForLog(this)
    }
  }

  #connect(packet: Extract<ControlPacket, { type: 'connect' }>): void {
    if (this.#stage !== 'new') {
      return this.fault({ reasonCode: reasonCode.protocolError, message: 'a second CONNECT [MQTT-3.1.0-2]' })
    }
    this.#stage = 'connecting'
    this.connectReceivedAtMs = this.lastReadMs
    this.version = packet.version
    // Nothing behind CONNECT is looked at before it is answered: the session may have to be read first.
    this.hold(pauseCause.connecting)
    openSession(this, packet).then(
      (outcome) => this.#opened(outcome),
      (error: unknown) => this.services.failed(this, error),
    )
  }

  #opened(outcome: ConnectOutcome): void {
    if (outcome.kind === 'refused') return refuseConnect(this, outcome.reasonCode)
    const { session } = outcome
    // The client, or a takeover, may have ended it meanwhile.
    if (this.#stage === 'closed' || session.connection !== this) {
      if (session.connection === this) this.services.sessions.closed(session, false)
      return this.end()
    }
    this.#stage = 'connected'
    this.session = session
    this.send(outcome.connack)
    this.services.sessions.opened(session)
    this.services.counters.reasonsSent.add('connack', outcome.connack.reasonCode)
    this.services.latencies.connected(this.connectReceivedAtMs)
    tellConnected(this, session, outcome.connack.sessionPresent)
    session.redelivery = session.inflight?.messages() ?? []
    this.services.catchUp.start(session)
    this.goOn(pauseCause.connecting)
  }

  #disconnected(packet: Extract<ControlPacket, { type: 'disconnect' }>): void {
    const { session } = this
    const expirySeconds = packet.properties.sessionExpiryInterval
    if (session !== undefined && expirySeconds !== undefined) {
      // Section 3.14.2.2.2: a session that was to end with its connection cannot be kept after all.
      if (session.expirySeconds === 0 && expirySeconds > 0) {
        return this.fault({
          reasonCode: reasonCode.protocolError,
          message: 'session expiry raised from 0 in DISCONNECT',
        })
      }
      session.expirySeconds = Math.min(expirySeconds, this.services.limits.sessionExpirySecondsMax)
    }
    this.#farewell = { reasonCode: packet.reasonCode, by: 'client' }
    this.#decoder.halt()
    this.output.flush()
    this.transport.end()
    // [MQTT-3.14.4-3]; 3.1.1: [MQTT-3.14.4-3] with the packet itself
    this.#close(packet.reasonCode === reasonCode.normalDisconnection)
  }

  #close(graceful: boolean): void {
    if (this.#stage === 'closed') return
    if (this.#stage === 'connected') tellDisconnected(this, this.#farewell)
    this.#stage = 'closed'
    this.#releaseWaiters()
    this.output.close()
    const { session } = this
    this.session = undefined
    if (session !== undefined && session.connection === this) this.services.sessions.closed(session, graceful)
    this.services.forget(this)
  }
}
