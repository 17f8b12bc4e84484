/**
 * One MQTT connection of the load. All sockets read into one buffer (`onread` of node:net), and frames are counted
 * where they lie: no stream, no object per packet.
 */
import type { Socket } from 'node:net'
import type { Qos } from './job.ts'
import { openSocket, type Target } from './target.ts'
import { FrameWalker } from './wire/frames.ts'
import { connectPacket, disconnectPacket, packetType, receiveMaximumOf, subscribePacket } from './wire/packets.ts'

interface Awaited {
  readonly type: number
  readonly resolve: (code: number) => void
  readonly reject: (error: Error) => void
}

export interface ConnectionOptions {
  readonly target: Target
  /** Among all of the load. */
  readonly index: number
  readonly onClosed: () => void
}

export abstract class Connection {
  protected readonly socket: Socket
  protected readonly version: Target['version']
  /** Of the server: how many publishes it takes unanswered. */
  protected receiveMaximum = 65_535
  readonly #target: Target
  #awaited: Awaited | undefined
  #isLeaving = false
  #error = new Error('the broker closed the connection')

  constructor({ target, index, onClosed }: ConnectionOptions) {
    const walker = new FrameWalker((bytes, first, body, end) => this.onFrame(bytes, first, body, end))
    this.#target = target
    this.version = target.version
    this.socket = openSocket(target, index, (bytes, count) => {
      walker.push(bytes, count)
      this.onReadEnd()
    })
    this.socket.on('error', (error) => {
      this.#error = error
    })
    this.socket.on('close', () => {
      if (!this.#isLeaving) onClosed()
      this.#awaited?.reject(this.#error)
    })
  }

  async open(clientId: string, isPersistent = false): Promise<void> {
    const { version, username, password } = this.#target
    const identity = {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    }
    const packet = connectPacket({ clientId, version, isPersistent, ...identity })
    const code = await this.#request(packet, packetType.connack)
    if (code !== 0) throw new Error(`CONNACK 0x${code.toString(16)} for ${clientId}`)
  }

  async subscribe(filter: string, qos: Qos): Promise<void> {
    const granted = await this.#request(subscribePacket(filter, qos, this.version), packetType.suback)
    if (granted !== qos) throw new Error(`SUBACK 0x${granted.toString(16)} for ${filter} at QoS ${qos}`)
  }

  close(): void {
    this.#isLeaving = true
    this.socket.end(disconnectPacket)
    this.socket.destroySoon()
  }

  /** The frames that a role does not count itself. */
  protected onFrame(bytes: Buffer, first: number, body: number, end: number): void {
    const type = first & 0xf0
    if (this.#isLeaving || type === packetType.disconnect) return
    const awaited = this.#awaited
    if (awaited === undefined || awaited.type !== type) {
      throw new Error(`a packet that nobody waits for: 0x${first.toString(16)}`)
    }
    this.#awaited = undefined
    const isConnack = type === packetType.connack
    if (isConnack && this.version === 5) this.receiveMaximum = receiveMaximumOf(bytes, body, end)
    awaited.resolve(bytes[isConnack ? body + 1 : end - 1] as number)
  }

  /** After the last frame of a read. */
  protected onReadEnd(): void {}

  #request(packet: Buffer, type: number): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) return reject(this.#error)
      this.#awaited = { type, resolve, reject }
      this.socket.write(packet)
    })
  }
}

/** A connection that does nothing. */
export class IdleConnection extends Connection {}
