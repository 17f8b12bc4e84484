/** What comes by one connection of another broker, on its way into the log: each is answered once the log has it. */
import { type ConnackPacket, decodeProperties, type PublishFrame } from '@hawser/codec'
import type { Intake, Taken } from '../source/source.ts'
import type { RemoteClient, RemoteReceiver } from './client/remote-client.ts'
import { InOrder } from './in-order.ts'
import type { IncomingState } from './incoming-state.ts'
import { type LinkNames, linkId, namesOf } from './origin.ts'
import { peerLogOf } from './peer.ts'
import { type Received, type ReceiveForm, receiptOf } from './receive.ts'

export interface InflowParts {
  readonly intake: Intake
  readonly state: IncomingState
  readonly names: LinkNames
  readonly form: Omit<ReceiveForm, 'known' | 'names'>
  /** So many wait for the log, then nothing more is read. */
  readonly pendingMax: number
}

export class Inflow implements RemoteReceiver {
  readonly #parts: InflowParts
  readonly #linkId: string
  readonly #answers = new InOrder()
  readonly #releases = new InOrder()
  readonly #failed = Promise.withResolvers<never>()
  #form: ReceiveForm
  #pending = 0
  #idle: (() => void) | undefined

  constructor(parts: InflowParts) {
    this.#parts = parts
    this.#linkId = linkId(parts.intake.logId, parts.names.link)
    this.#form = this.#formFor(undefined)
    this.failed.catch(() => {})
  }

  /** Rejects with the first thing that went wrong: what is not answered then comes again. */
  get failed(): Promise<never> {
    return this.#failed.promise
  }

  /** Resolves once all that has come is answered. */
  async settled(): Promise<void> {
    if (this.#pending === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#idle = resolve
    await promise
  }

  connected(connack: ConnackPacket): void {
    this.#form = this.#formFor(peerLogOf(connack))
  }

  publish(client: RemoteClient, frame: PublishFrame): void {
    const { packetId, qos } = frame
    const taken = this.#take(receivedOf(frame), packetId)
    if (qos === 0) return this.#track(client, taken)
    const type = qos === 1 ? 'puback' : 'pubrec'
    this.#track(
      client,
      this.#answers.add(taken, () => client.acknowledge(type, packetId)),
    )
  }

  released(client: RemoteClient, packetId: number): void {
    const { state } = this.#parts
    // Before PUBCOMP it is durable that the id is free: the next message under it is another.
    const saved = state.release(packetId) ? state.save() : Promise.resolve()
    this.#track(
      client,
      this.#releases.add(saved, () => client.acknowledge('pubcomp', packetId)),
    )
  }

  async #take(received: Received, packetId: number): Promise<Taken> {
    const { intake, state } = this.#parts
    const receipt = receiptOf(this.#form, received)
    if (receipt.kind !== 'take') {
      intake.passOver(receipt)
      return receipt
    }
    if (received.qos !== 2) return intake.take(receipt.message)
    const eventId = `${this.#linkId}/${state.hold(packetId)}`
    await state.save()
    // One that it has from an earlier log goes before.
    return intake.take({ ...receipt.message, eventId: receipt.message.eventId ?? eventId })
  }

  #formFor(peerLog: string | undefined): ReceiveForm {
    const { form, intake, names } = this.#parts
    const known = [intake.logId, names.mesh].filter((name) => name !== undefined)
    return { ...form, known, names: namesOf(names, intake.logId, peerLog) }
  }

  #track(client: RemoteClient, work: Promise<unknown>): void {
    if (++this.#pending === this.#parts.pendingMax) client.pause()
    work.catch(this.#failed.reject).finally(() => {
      if (--this.#pending === this.#parts.pendingMax >> 1) client.resume()
      if (this.#pending === 0) this.#idle?.()
    })
  }
}

const receivedOf = (frame: PublishFrame): Received => {
  const { buffer, topicStart, topicEnd, propertiesStart, propertiesEnd, payloadStart, payloadEnd, qos, retain } = frame
  return {
    topic: buffer.toString('utf8', topicStart, topicEnd),
    payload: Buffer.from(buffer.subarray(payloadStart, payloadEnd)),
    qos,
    retain,
    properties: propertiesStart === propertiesEnd ? {} : decodeProperties(buffer, propertiesStart, propertiesEnd),
  }
}
