/** What a client is sent: it answers, or owes the answer, and looks at packet ids and at its own Receive Maximum. */
import type { Ledger } from '../ledger/ledger.ts'
import type { SessionRecord } from '../ledger/records.ts'

/** Payloads are filled up, so that a few of them fill an output. */
const payloadBytes = 40
const filler = '.'

export const payloadOf = (name: string): Buffer => Buffer.from(name.padEnd(payloadBytes, filler))
export const nameOf = (payload: unknown): string => String(payload).split(filler, 1)[0] ?? ''

interface Receiver {
  readonly name: string
  readonly profile: { readonly version: 4 | 5; readonly receiveMaximum: number }
}

export class Inbound {
  readonly #receiver: Receiver
  readonly #ledger: Ledger
  readonly #send: (packet: Record<string, unknown>) => void
  /** QoS 2, between PUBLISH and PUBREL: what bears the packet id. It lasts as long as the session. */
  readonly #begun = new Map<number, string>()
  /** What of this connection it has not answered to its end. */
  readonly #unanswered = new Map<number, { readonly id: string; readonly qos: 1 | 2 }>()
  #owed: Record<string, unknown>[] = []
  owes = false
  stalled = false

  constructor(receiver: Receiver, ledger: Ledger, send: (packet: Record<string, unknown>) => void) {
    this.#receiver = receiver
    this.#ledger = ledger
    this.#send = send
  }

  get attentive(): boolean {
    return !this.owes && !this.stalled
  }

  received(packet: Record<string, unknown>, session: SessionRecord, connection: number): void {
    const messageId = Number(packet['messageId'] ?? 0)
    if (packet['cmd'] === 'pubrel') {
      this.#begun.delete(messageId)
      return this.#answer({ cmd: 'pubcomp', messageId })
    }
    const qos = Number(packet['qos']) as 0 | 1 | 2
    const id = nameOf(packet['payload'])
    const duplicate = packet['dup'] === true
    if (qos !== 0) this.#take(messageId, id, qos)
    const isNew = qos < 2 || !this.#begun.has(messageId)
    if (!isNew && this.#begun.get(messageId) !== id) {
      this.#violate(`packet id ${messageId} comes with ${id} while ${this.#begun.get(messageId)} is not released`)
    }
    if (qos === 2) this.#begun.set(messageId, id)
    if (isNew) {
      const retained = packet['retain'] === true
      this.#ledger.delivered(session, id, String(packet['topic']), { qos, duplicate, retained, connection })
    }
    if (qos === 1) this.#answer({ cmd: 'puback', messageId })
    if (qos === 2) this.#answer({ cmd: 'pubrec', messageId })
  }

  pay(): void {
    this.owes = false
    for (const packet of this.#owed.splice(0)) this.#answer(packet)
  }

  connected(): void {
    this.stalled = false
  }

  /** What it has not answered it has not got: it must come again. */
  lost(session: SessionRecord | undefined): void {
    // At QoS 2 it has what it has taken, whatever it has answered.
    for (const { id, qos } of this.#unanswered.values()) if (qos === 1) this.#ledger.forgotten(session, id)
    this.#owed = []
    this.#unanswered.clear()
  }

  /** With nothing under way, what is begun at QoS 2 is ended. */
  checkComplete(): void {
    for (const [messageId, id] of this.#begun) this.#violate(`${id} with packet id ${messageId} is never released`)
  }

  /** With its session. */
  forget(): void {
    this.#owed = []
    this.#unanswered.clear()
    this.#begun.clear()
  }

  #take(messageId: number, id: string, qos: 1 | 2): void {
    const other = this.#unanswered.get(messageId)
    if (other !== undefined) this.#violate(`packet id ${messageId} comes with ${id} while it is ${other.id}`)
    this.#unanswered.set(messageId, { id, qos })
    const { version, receiveMaximum } = this.#receiver.profile
    if (version === 5 && this.#unanswered.size > receiveMaximum) {
      const what = `${this.#receiver.name} has ${this.#unanswered.size} messages to answer, and takes ${receiveMaximum}`
      this.#ledger.violate({ invariant: 7, what })
    }
  }

  #answer(packet: Record<string, unknown>): void {
    if (this.owes) return void this.#owed.push(packet)
    if (packet['cmd'] !== 'pubrec') this.#unanswered.delete(Number(packet['messageId']))
    this.#send(packet)
  }

  #violate(what: string): void {
    this.#ledger.violate({ invariant: 3, what: `${this.#receiver.name}: ${what}` })
  }
}
