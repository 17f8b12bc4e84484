/**
 * The reference model: what clients have sent, been promised and been given, and which of that may and must be. It
 * knows nothing of brokers; what it cannot know for sure it allows.
 */
import { type Delivered, mustHave, mustHaveOrCount, takeLive } from './deliveries.ts'
import { type Message, SessionRecord, type Step, type Violation } from './records.ts'
import { mayBeRetained, retainedCandidates } from './retained.ts'
import { isShared, Shared } from './shared.ts'
import { Wills } from './wills.ts'

export interface NewMessage {
  readonly topic: string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly deletes: boolean
  readonly from: string
  readonly connection: number
  readonly process: number
}

export class Ledger {
  readonly violations: Violation[] = []
  readonly wills = new Wills()
  readonly #messages = new Map<string, Message>()
  readonly #retained = new Map<string, Message[]>()
  readonly #numbers = new Map<string, number>()
  readonly #sessions: SessionRecord[] = []
  readonly #shared = new Shared()
  #step: Step = 0
  /** When all processes had heard of all, the last time. */
  #settledAt: Step = 0
  /** What happens, line by line, for who replays a seed. */
  trace: ((line: string) => void) | undefined

  get now(): Step {
    return ++this.#step
  }

  violate(violation: Violation): void {
    this.trace?.(`VIOLATION of ${violation.invariant}: ${violation.what}`)
    this.violations.push(violation)
  }

  newSession(name: string, durable: boolean): SessionRecord {
    const session = new SessionRecord(name, durable)
    this.#sessions.push(session)
    return session
  }

  publish(wanted: NewMessage): Message {
    const number = (this.#numbers.get(wanted.from) ?? 0) + 1
    this.#numbers.set(wanted.from, number)
    const message: Message = {
      ...wanted,
      id: `m${this.#messages.size + 1}`,
      number,
      sentAt: this.now,
      settledAt: this.#settledAt,
      sends: 1,
      acceptedAt: undefined,
      refused: false,
    }
    this.#messages.set(message.id, message)
    if (message.retain) {
      const ofTopic = this.#retained.get(message.topic)
      if (ofTopic === undefined) this.#retained.set(message.topic, [message])
      else ofTopic.push(message)
    }
    return message
  }

  /** All processes have heard of all. */
  settled(): void {
    this.#settledAt = this.now
  }

  /** PUBACK or PUBREC. */
  answered(message: Message, reasonCode: number): void {
    if (reasonCode >= 0x80) message.refused = true
    else message.acceptedAt ??= this.now
  }

  subscribed(session: SessionRecord, filter: string, qos: number): void {
    const current = session.current(filter)
    if (current !== undefined) return void current.qosAsked.add(qos)
    session.subscriptions.push({
      filter,
      qosAsked: new Set([qos]),
      sentAt: this.now,
      sureAt: undefined,
      endsAt: undefined,
      goneAt: undefined,
    })
  }

  subscriptionAnswered(session: SessionRecord, filter: string, reasonCode: number): void {
    const current = session.current(filter)
    if (current === undefined) return
    if (reasonCode < 0x80) current.sureAt ??= this.now
    // Perhaps it had been there before.
    else current.endsAt ??= this.now
  }

  unsubscribed(session: SessionRecord, filter: string): void {
    for (const each of session.subscriptions) if (each.filter === filter) each.endsAt ??= this.now
  }

  unsubscriptionAnswered(session: SessionRecord, filter: string): void {
    const now = this.now
    for (const each of session.subscriptions) {
      if (each.filter === filter && each.endsAt !== undefined) each.goneAt ??= now
    }
  }

  /** The client's copy of its session is gone: what the broker still has of it is not sure any more. */
  renewed(before: SessionRecord, name: string, durable: boolean): SessionRecord {
    const session = this.newSession(name, durable)
    before.isOver = true
    for (const { filter, qosAsked, sentAt, goneAt } of before.subscriptions) {
      if (goneAt !== undefined) continue
      const unsure = { filter, qosAsked, sentAt, sureAt: undefined, endsAt: this.now, goneAt: undefined }
      session.subscriptions.push(unsure)
    }
    return session
  }

  /** What a renewed session was unsure of is gone. */
  confirmedNew(session: SessionRecord): void {
    for (const each of session.subscriptions) if (each.endsAt !== undefined) each.goneAt ??= this.now
  }

  /** A message has come, for the first time as far as the client's own state can tell. */
  delivered(session: SessionRecord, id: string, topic: string, delivered: Delivered): void {
    if (id.startsWith('w')) return this.#will(session, id, delivered)
    // A deletion that comes live; it bears no name.
    if (id === '') return
    const message = this.#messages.get(id)
    if (message === undefined || message.topic !== topic) {
      return this.violate({
        invariant: 0,
        what: `${session.name}: ${JSON.stringify(id)} on ${topic} was never published`,
      })
    }
    if (delivered.retained) this.#takeRetained(session, message)
    else if (isShared(topic))
      for (const violation of this.#shared.take(session, message, delivered, this.#sessions)) this.violate(violation)
    else for (const violation of takeLive(session, message, delivered)) this.violate(violation)
  }

  /** The connection ended before the receiver had acknowledged it: at QoS 1 it comes again. */
  forgotten(session: SessionRecord | undefined, id: string): void {
    const record = session?.deliveries.get(id)
    if (record !== undefined && record.live > 0) record.forgotten = true
  }

  /** What the session has not got, though it must have it now that nothing is under way. */
  checkComplete(session: SessionRecord): void {
    for (const message of this.#messages.values()) {
      const record = session.deliveries.get(message.id)
      if (!mustHave(session, message)) continue
      if (record !== undefined && record.live > 0 && !record.forgotten) continue
      this.violate({
        invariant: 2,
        what: `${session.name} never got ${message.id} (${message.topic}, QoS ${message.qos}), which was accepted`,
      })
    }
  }

  /** With all at work and reading. */
  checkShared(): void {
    for (const violation of this.#shared.check(this.#messages.values(), this.#sessions)) this.violate(violation)
  }

  /** How many QoS 0 deliveries are missing between connections that have stood all the while. */
  missingAtQos0(session: SessionRecord, standing: ReadonlySet<number>): string[] {
    const missing: string[] = []
    for (const message of this.#messages.values()) {
      if (message.qos > 0 || !standing.has(message.connection) || !mustHaveOrCount(session, message)) continue
      if ((session.deliveries.get(message.id)?.live ?? 0) === 0) missing.push(`${message.id} at ${session.name}`)
    }
    return missing
  }

  /** `found`: id of the retained message by topic, of one broker. */
  checkRetained(where: string, found: ReadonlyMap<string, string>): void {
    for (const [topic, ofTopic] of this.#retained) {
      const candidates = retainedCandidates(ofTopic)
      if (candidates.has(found.get(topic))) continue
      const wanted = [...candidates].map((id) => id ?? 'none').join(' or ')
      this.violate({
        invariant: 0,
        what: `retained on ${topic} is ${found.get(topic) ?? 'none'} at ${where}, not ${wanted}`,
      })
    }
  }

  #takeRetained(session: SessionRecord, message: Message): void {
    session.deliveryOf(message).retained++
    const asked = session.matching(message.topic).map(({ sentAt }) => sentAt)
    const ofTopic = this.#retained.get(message.topic) ?? []
    if (asked.length > 0 && mayBeRetained(message, ofTopic, Math.min(...asked))) return
    const what = `${session.name} got ${message.id} as retained on ${message.topic}: it was replaced before`
    this.violate({ invariant: 0, what })
  }

  #will(session: SessionRecord, id: string, { duplicate, qos }: Delivered): void {
    // Counted where it comes exactly once.
    if (session.name.startsWith('observer') && qos === 2) {
      for (const violation of this.wills.take(id)) this.violate(violation)
    } else if (!duplicate && this.wills.find(id) === undefined) {
      this.violate({ invariant: 0, what: `${session.name}: will ${id} was never made` })
    }
  }
}
