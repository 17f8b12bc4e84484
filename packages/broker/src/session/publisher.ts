/**
 * Inbound PUBLISH of one connection. Levers: the last route is remembered, so that a burst on one topic compares its
 * bytes once a packet; neighbouring QoS 0 packets of one topic become one run; acknowledgements wait as slots in the
 * commit queue. Measure with `bench/` rows "QoS 0 pairs" and "QoS 1 pairs".
 */
import { type PublishFrame, reasonCode } from '@hawser/codec'
import { appendPublish, neverExpires, type PublishSource, publishFlag } from '@hawser/engine'
import type { EpochMicros, SessionNumber } from '@hawser/std'
import { type AfterCommit, afterCommit } from '../delivery/commit-queue.ts'
import { type Fault, refusals, refuse } from '../limits/refusals.ts'
import type { PublishRefusal } from '../measure/accounts.ts'
import { payloadFault, publishFault } from '../protocol/offered.ts'
import { heldPublish } from '../rights/held-publish.ts'
import { PublishRights } from '../rights/publish-rights.ts'
import type { LateAnswer } from '../rights/rights.ts'
import type { Route, TapMessage } from '../router/route.ts'
import type { Connection } from './connection.ts'
import { MutableSource } from './mutable-source.ts'
import { pauseCause } from './pause-cause.ts'
import { plainSource } from './plain-source.ts'
import { askHook } from './publish-hook.ts'
import type { Session } from './session.ts'
import { checkPublishTopic } from './topic-limits.ts'

export class Publisher {
  readonly #connection: Connection
  /** Nothing is set aside for a client that never publishes. */
  #source: MutableSource | undefined
  #lastRoute: Route | undefined
  /** The route that this client was last allowed to publish to; the others are in `#rights`. */
  #allowed: Route | undefined
  readonly #rights: PublishRights
  /** Topics by alias, for this connection. */
  #aliases: (Route | undefined)[] | undefined
  /** Of the last publish that waits for the log, or has waited. */
  #lastTicket = -1
  /** Likewise, of a topic of the class `memory`. */
  #lastVolatile = -1
  #runRoute: Route | undefined
  #runBuffer: Buffer | undefined
  #runStart = 0
  #runEnd = 0
  #runCount = 0
  #runPayloadBytes = 0
  /** When what is being read now came; 0: it has not been asked for. */
  #readAt = 0 as EpochMicros

  constructor(connection: Connection) {
    this.#connection = connection
    this.#rights = new PublishRights(connection.services.rights, connection.services.counters)
  }

  publish(frame: PublishFrame): void {
    const { counters, router } = this.#connection.services
    counters.publishesReceived[frame.qos]++
    counters.publishBytesReceived += frame.payloadEnd - frame.payloadStart
    if (this.#extendsRun(frame)) return
    this.endRun()
    if (frame.qos > 0 && !this.#connection.receives()) return this.#gone(frame, 'protocol-fault')
    if (this.#connection.restrictsPublishes && this.#exceeds(frame)) return
    const found = this.#routeOf(frame)
    if (!('receivers' in found)) {
      this.#gone(frame, 'protocol-fault')
      return this.#connection.fault(found)
    }
    const route = router.resolve(found)
    this.#lastRoute = route
    if (this.#allowed !== route) {
      const answer = this.#rights.ask(this.#connection.identity, route)
      if (typeof answer !== 'boolean') return this.#wait(heldPublish(frame), route, answer)
      if (!answer) return this.#notAllowed(frame)
      this.#allowed = route
    }
    this.#take(frame, route)
  }

  /** What was found good may be too long or too deep now. */
  limitsChanged(): void {
    this.#lastRoute = undefined
  }

  forgetRights(): void {
    this.#allowed = undefined
    this.#rights.forget()
  }

  #take(frame: PublishFrame, route: Route): void {
    const { hooks } = this.#connection.services
    if (hooks.publish !== undefined) {
      const code = askHook(this.#connection, frame, route, hooks.publish)
      if (code !== undefined) return this.#refuse(frame, code)
    }
    if (frame.qos > 0) return this.#toLog(frame, route)
    if (hooks.publish === undefined && this.#startsRun(frame, route)) return
    this.#live(frame, route)
  }

  /** Nothing behind it is looked at before the answer is there: order is kept. */
  #wait(frame: PublishFrame, route: Route, answer: LateAnswer): void {
    const connection = this.#connection
    const intake = connection.services.counters.accounts.intake(frame.qos)
    intake.waiting++
    connection.hold(pauseCause.access)
    const decide = (allowed: boolean | undefined): void => {
      intake.waiting--
      if (connection.stage === 'connected') {
        const resolved = connection.services.router.resolve(route)
        if (this.#rights.remember(resolved, allowed)) this.#take(frame, resolved)
        else this.#notAllowed(frame)
        this.endRead()
      } else {
        this.#gone(frame, 'connection-ended')
      }
      connection.goOn(pauseCause.access)
    }
    const failed = (error: unknown): void => connection.services.failed(connection, error)
    const unanswered = (error: unknown): void => {
      intake.waiting--
      this.#gone(frame, 'connection-ended')
      failed(error)
    }
    answer.then(decide, unanswered).catch(failed)
  }

  /** Nothing more of what came together. */
  endRead(): void {
    this.#readAt = 0 as EpochMicros
    this.endRun()
  }

  /** Hands over the run that has gathered, if any. */
  endRun(): void {
    const route = this.#runRoute
    if (route === undefined || this.#runBuffer === undefined) return
    const { live, counters } = this.#connection.services
    counters.accounts.intakeLive.taken += this.#runCount
    live.run(
      route,
      this.#runBuffer,
      this.#runStart,
      this.#runEnd,
      this.#runCount,
      this.#runPayloadBytes,
      this.#connection,
    )
    this.#runRoute = undefined
    this.#runBuffer = undefined
  }

  #extendsRun(frame: PublishFrame): boolean {
    const route = this.#runRoute
    if (route === undefined || frame.buffer !== this.#runBuffer || frame.start !== this.#runEnd) return false
    if (!isPlain(frame) || !route.hasTopic(frame.buffer, frame.topicStart, frame.topicEnd)) return false
    if (route.groups.length > 0 && !this.#connection.services.live.packets.add(frame)) return false
    this.#runEnd = frame.payloadEnd
    this.#runPayloadBytes += frame.payloadEnd - frame.payloadStart
    this.#runCount++
    return true
  }

  #startsRun(frame: PublishFrame, route: Route): boolean {
    const wire = this.#connection.version === 5 ? 'v5' : 'plain'
    // In a run nobody looks at the payloads.
    const { protocol, limits, services } = this.#connection
    const checked = (protocol.checkPayloadFormat && wire === 'v5') || limits.payloadBytesMax > 0
    if ((route.uniform !== wire && route.uniform !== 'either') || checked || !isPlain(frame)) return false
    if (route.groups.length > 0) services.live.packets.begin(frame)
    this.#runRoute = route
    this.#runBuffer = frame.buffer
    this.#runStart = frame.start
    this.#runEnd = frame.payloadEnd
    this.#runPayloadBytes = frame.payloadEnd - frame.payloadStart
    this.#runCount = 1
    return true
  }

  /** Answers what asks for more than is offered. */
  #exceeds(frame: PublishFrame): boolean {
    const connection = this.#connection
    const fault = publishFault(connection.protocol, frame)
    if (fault !== undefined) {
      this.#gone(frame, 'protocol-fault')
      connection.fault(fault)
      return true
    }
    if (this.#isTooLarge(frame) || this.#fillsDisk(frame)) return true
    const invalid = payloadFault(connection.protocol, frame)
    if (invalid === undefined) return false
    this.#gone(frame, 'invalid')
    // QoS 0 has no acknowledgement that could say so. Section 3.3.2.3.2.
    if (frame.qos === 0) connection.fault(invalid)
    else this.#refuse(frame, invalid.reasonCode, invalid.message)
    return true
  }

  #fillsDisk(frame: PublishFrame): boolean {
    const { disk, counters } = this.#connection.services
    if (!disk.low || (frame.qos === 0 && !frame.retain)) return false
    counters.dropped['log-refused']++
    this.#gone(frame, 'log-refused')
    this.#refuse(frame, refuse(counters, 'disk-low'), 'the disk is nearly full')
    return true
  }

  #isTooLarge(frame: PublishFrame): boolean {
    const { limits, services, version } = this.#connection
    const { payloadBytesMax } = limits
    if (payloadBytesMax === 0 || frame.payloadEnd - frame.payloadStart <= payloadBytesMax) return false
    services.counters.dropped['payload-too-large']++
    this.#gone(frame, 'payload-too-large')
    if (frame.qos === 0) return true
    const code = refuse(services.counters, 'payload-bytes')
    // Before 5.0 it is acknowledged: a client that were cut off would bring the same message again for ever.
    const answer = version === 5 ? code : reasonCode.implementationSpecificError
    this.#refuse(frame, answer, `the payload has more than ${payloadBytesMax} bytes`)
    return true
  }

  #routeOf(frame: PublishFrame): Route | Fault {
    const { buffer, topicStart, topicEnd, topicAlias } = frame
    // [MQTT-3.3.2-9] [MQTT-3.3.2-12] [MQTT-3.2.2-17] [MQTT-3.2.2-18]
    if (topicAlias > this.#connection.topicAliasMaximum) {
      const message = `topic alias ${topicAlias} is above the maximum`
      return { reasonCode: refusals['topic-alias-maximum'], refusal: 'topic-alias-maximum', message }
    }
    if (topicEnd === topicStart) {
      // [MQTT-3.3.2-7]
      const route = this.#aliases?.[topicAlias]
      return route ?? { reasonCode: reasonCode.protocolError, message: `topic alias ${topicAlias} is not known` }
    }
    const last = this.#lastRoute
    const route = last?.hasTopic(buffer, topicStart, topicEnd) ? last : this.#lookUp(buffer, topicStart, topicEnd)
    if (topicAlias > 0 && 'receivers' in route) {
      this.#aliases ??= []
      this.#aliases[topicAlias] = route
    }
    return route
  }

  #lookUp(buffer: Buffer, start: number, end: number): Route | Fault {
    const { services, limits } = this.#connection
    const { router } = services
    const known = router.find(buffer, start, end)
    // What is known has been found good by the limits of all; this listener's own may be narrower.
    if (known !== undefined && limits === services.limits) return known
    return checkPublishTopic(limits, buffer, start, end) ?? known ?? router.create(buffer, start, end)
  }

  /** Live at once; into the log too where it is retained or a connector wants it. */
  #live(frame: PublishFrame, route: Route): void {
    const { session, services } = this.#connection
    const { live, counters } = services
    counters.accounts.intakeLive.taken++
    const source = this.#plainSource(frame, route)
    const expiry = frame.messageExpirySeconds
    if (route.receivers.length > 0 || route.groups.length > 0 || route.pending.length > 0 || route.elsewhere)
      live.message(route, source, frame.retain, expiry, this.#connection)
    if (route.taps.length > 0) this.#toTaps(route, source, frame.retain)
    if ((!frame.retain && !route.recorded) || session === undefined) return
    // No receipt was implied: what the log refuses is only counted.
    const taken = !services.disk.low && this.#append(frame, route, source, session, 0)
    if (!taken) counters.dropped['log-refused']++
    else if (frame.retain) services.retained.goesLive(services.committed.appenderOf(route))
  }

  #toLog(frame: PublishFrame, route: Route): void {
    const { services, session } = this.#connection
    if (session === undefined) return this.#gone(frame, 'connection-ended')
    if (frame.retain && !this.#mayRetain(frame, route)) return
    const { packetId } = frame
    // [MQTT-4.3.2-4] [MQTT-4.3.2-5] v3.1.1 [MQTT-4.3.2-2]
    // [MQTT-3.3.4-1]; v3.1.1 [MQTT-3.3.4-1]
    if (frame.qos === 1) {
      // [MQTT-4.3.2-4] [MQTT-4.3.2-5]; v3.1.1 [MQTT-4.3.2-2]
      if (session.inbound?.has(packetId) === true && this.#connection.version === 5) return this.#idInUse(frame)
      if (!this.#append(frame, route, this.#plainSource(frame, route), session, 0)) return this.#refused(frame)
      return this.#acknowledge(route, afterCommit.puback, packetId)
    }
    // [MQTT-4.3.3-8] [MQTT-4.3.3-10] v3.1.1 [MQTT-4.3.3-2]
    // The packet id is known until its PUBREL, so a resend is acknowledged and not published again.
    session.inbound ??= new Set()
    const { inbound } = session
    if (!inbound.has(packetId)) {
      if (!this.#append(frame, route, this.#plainSource(frame, route), session, packetId)) return this.#refused(frame)
      inbound.add(packetId)
      // Its row must have the id before a checkpoint lets a start pass over the record.
      if (session.journaled) services.journal.changed.add(session)
    } else {
      services.counters.publishesReacknowledged++
      services.counters.accounts.intakeLogged.repeated++
    }
    this.#acknowledge(route, afterCommit.pubrec, packetId)
  }

  /** Once what has been appended is durable, as far as its class goes. */
  #acknowledge(route: Route, kind: AfterCommit, packetId: number): void {
    const { receipts, committed, log } = this.#connection.services
    const to = committed.appenderOf(route)
    if (to === log) this.#lastTicket = to.lastTicket
    else this.#lastVolatile = to.lastTicket
    receipts.acknowledge(this.#lastTicket, this.#lastVolatile, kind, this.#connection, packetId)
  }

  #append(frame: PublishFrame, route: Route, source: PublishSource, session: Session, packetId: number): boolean {
    const { clock, steady, counters, committed } = this.#connection.services
    const to = committed.appenderOf(route)
    const flags = frame.qos | (frame.retain ? publishFlag.retain : 0)
    const expiry = frame.messageExpirySeconds < 0 ? neverExpires : frame.messageExpirySeconds
    const number: SessionNumber = session.number
    const order = frame.retain ? this.#connection.services.retained.nextOrder() : 0
    const { clientIdBytes } = session
    // All of one read came at once: the clock is asked once.
    if (this.#readAt === 0) this.#readAt = clock.wallMicros()
    const expiresFrom = expiry === neverExpires ? 0 : steady.now()
    if (!appendPublish(to, flags, source, clientIdBytes, number, packetId, expiry, this.#readAt, order, expiresFrom)) {
      return false
    }
    counters.recordsAppended++
    committed.appended(to, route, frame.qos)
    if (frame.qos > 0) counters.accounts.intakeLogged.taken++
    return true
  }

  /** The log takes nothing. 5.0 can say so; 3.1.1 has no word for it but closing. */
  #refused(frame: PublishFrame): void {
    const { counters } = this.#connection.services
    counters.dropped['log-refused']++
    this.#gone(frame, 'log-refused')
    this.#refuse(frame, refuse(counters, 'log-refused'), 'the log takes nothing now')
  }

  /** Whether the retained view has room. Where the client cannot be told, the message goes on and is not retained. */
  #mayRetain(frame: PublishFrame, route: Route): boolean {
    const { services, version } = this.#connection
    const { propertiesStart, payloadStart, payloadEnd } = frame
    if (version !== 5 || payloadEnd === payloadStart) return true
    const bytes = route.topicBytes.length + (payloadEnd - propertiesStart)
    const full = services.retained.fullFor(route.topic, bytes)
    if (full === undefined) return true
    services.counters.dropped['retained-limit']++
    this.#gone(frame, 'retained-limit')
    this.#refuse(frame, refuse(services.counters, full), 'no room for another retained message')
    return false
  }

  #notAllowed(frame: PublishFrame): void {
    this.#connection.services.counters.dropped['not-authorized']++
    this.#gone(frame, 'not-authorized')
    this.#refuse(frame, reasonCode.notAuthorized)
  }

  /** A QoS 2 exchange has it: client and server disagree about the session. Before 5.0 there is no word for it. */
  #idInUse(frame: PublishFrame): void {
    this.#gone(frame, 'invalid')
    this.#refuse(frame, reasonCode.packetIdentifierInUse, 'a QoS 2 publish has this packet identifier')
  }

  /** It goes no further. */
  #gone({ qos }: PublishFrame, reason: PublishRefusal): void {
    this.#connection.services.counters.accounts.intake(qos).refused[reason]++
  }

  /** Nothing of it is kept: the packet id is free. [MQTT-4.3.3-9] */
  #refuse(frame: PublishFrame, code: number, why?: string): void {
    const connection = this.#connection
    const { qos, packetId } = frame
    if (qos === 0) return
    // 3.1.1 leaves two choices for what is not allowed: accept and drop, or close. v3.1.1 [MQTT-3.3.5-2]
    if (connection.version !== 5 && code === reasonCode.quotaExceeded) return connection.end()
    const kind = qos === 1 ? afterCommit.puback : afterCommit.pubrec
    // Behind the acknowledgements of what came before it. [MQTT-4.6.0-2] [MQTT-4.6.0-3]
    const { receipts, counters } = connection.services
    receipts.run(this.#lastTicket, this.#lastVolatile, () => {
      if (code === reasonCode.success) counters.accounts.acknowledgedDropped++
      connection.acknowledge(kind, packetId, code, why)
    })
  }

  /** The message as it is kept and sent on. */
  #plainSource(frame: PublishFrame, route: Route): PublishSource {
    if (frame.topicAlias === 0 && frame.messageExpirySeconds < 0) return frame
    this.#source ??= new MutableSource()
    return plainSource(this.#source, frame, route)
  }

  #toTaps(route: Route, source: PublishSource, retain: boolean): void {
    const { buffer, payloadStart, payloadEnd } = source
    const message: TapMessage = { buffer, payloadStart, payloadEnd, qos: 0, retain, record: undefined }
    for (const tap of route.taps) tap.message(route.topic, message)
  }
}

/** A QoS 0 packet whose bytes can go out as they came in. */
function isPlain(frame: PublishFrame): boolean {
  return frame.qos === 0 && !frame.retain && frame.topicAlias === 0 && frame.messageExpirySeconds < 0
}
