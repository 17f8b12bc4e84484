/** Publishes of ours that wait for their answer: a sliding window, whose packet ids are no higher than it is wide. */
import { type AcknowledgementType, encode, type ProtocolVersion, publishBytes, writePublish } from '@hawser/codec'
import { packedSource } from '@hawser/engine'

export interface PublishOptions {
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  /** As on the wire. */
  readonly properties?: Buffer
  /** What is left of its Message Expiry Interval. */
  readonly expirySeconds?: number
}

interface UnderWay {
  readonly qos: 1 | 2
  readonly resolve: (code: number) => void
  readonly reject: (reason: unknown) => void
}

const noProperties = Buffer.alloc(0)

export class Outgoing {
  readonly #version: ProtocolVersion
  readonly #write: (bytes: Buffer) => void
  readonly #underWay = new Map<number, UnderWay>()
  readonly #free: number[]
  #max: number
  #room: PromiseWithResolvers<void> | undefined
  /** Ids that are being released, of an earlier connection. */
  #releasing = 0
  #released: (() => void) | undefined
  #reason: unknown

  constructor(max: number, version: ProtocolVersion, write: (bytes: Buffer) => void) {
    this.#max = max
    this.#version = version
    this.#write = write
    this.#free = Array.from({ length: max }, (_, index) => max - index)
  }

  /** [MQTT-3.3.4-9]; undefined: as many as ids. */
  bound(receiveMaximum = this.#max): void {
    this.#max = Math.min(this.#max, receiveMaximum)
  }

  get isFull(): boolean {
    return this.#underWay.size >= this.#max
  }

  async room(): Promise<void> {
    while (this.isFull) await this.#nextRoom()
  }

  /** Who did not ask for room waits here. */
  async publish(topic: string, payload: Buffer, options: PublishOptions): Promise<number> {
    while (this.isFull) await this.#nextRoom()
    if (this.#reason !== undefined) throw this.#reason
    const packetId = this.#free.pop()
    if (packetId === undefined || options.qos === 0) throw new RangeError('no packet id is free')
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    this.#underWay.set(packetId, { qos: options.qos, resolve, reject })
    this.#write(this.#packet(topic, payload, options, packetId))
    return promise
  }

  /** At QoS 0. */
  live(topic: string, payload: Buffer, options: PublishOptions): void {
    this.#write(this.#packet(topic, payload, options, 0))
  }

  answered(type: AcknowledgementType, packetId: number, code: number): void {
    const underWay = this.#underWay.get(packetId)
    // A PUBCOMP to `releaseAll`, or to what we do not know.
    if (underWay === undefined) return type === 'pubcomp' ? this.#releasedOne() : undefined
    // Section 4.3.3: after a PUBREC that refuses there is nothing to release.
    if (type === 'pubrec' && code < 0x80) {
      return this.#write(encode({ type: 'pubrel', packetId, reasonCode: 0, properties: {} }, this.#version))
    }
    if (type !== (underWay.qos === 1 ? 'puback' : 'pubcomp') && type !== 'pubrec') return
    this.#underWay.delete(packetId)
    this.#free.push(packetId)
    underWay.resolve(type === 'pubcomp' ? 0 : code)
    this.#makeRoom()
  }

  /** A broker that goes on with a session may still hold ids at QoS 2: it would take what comes under one for a repeat. */
  async releaseAll(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#releasing = this.#free.length
    this.#released = resolve
    for (const packetId of this.#free) {
      this.#write(encode({ type: 'pubrel', packetId, reasonCode: 0, properties: {} }, this.#version))
    }
    await promise
  }

  #releasedOne(): void {
    if (--this.#releasing === 0) this.#released?.()
  }

  fail(reason: unknown): void {
    this.#reason = reason
    for (const { reject } of this.#underWay.values()) reject(reason)
    this.#underWay.clear()
    this.#makeRoom()
  }

  #nextRoom(): Promise<void> {
    this.#room ??= Promise.withResolvers()
    return this.#room.promise
  }

  #makeRoom(): void {
    this.#room?.resolve()
    this.#room = undefined
  }

  #packet(topic: string, payload: Buffer, options: PublishOptions, packetId: number): Buffer {
    const { qos, retain, properties = noProperties, expirySeconds = -1 } = options
    const source = packedSource(topic, properties, payload)
    const delivery = {
      ...{ version: this.#version, qos, retain, duplicate: false, packetId, messageExpirySeconds: expirySeconds },
      ...{ subscriptionIdentifiers: [], topicAlias: 0, topicOmitted: false },
    }
    const packet = Buffer.allocUnsafe(publishBytes(source, delivery))
    writePublish(packet, 0, source, delivery)
    return packet
  }
}
