/**
 * One MQTT connection of the generator. All sockets read into one buffer (`onread` of node:net), and frames are
 * counted where they lie: no stream, no object per packet.
 */
import { connect, type Socket } from 'node:net'
import { FrameWalker } from './frames.ts'
import type { Qos } from './job.ts'
import { connectPacket, disconnectPacket, packetType, subscribePacket } from './packets.ts'

/** Valid during one read only. */
const readBuffer = Buffer.allocUnsafeSlow(256 * 1024)

interface Awaited {
  readonly type: number
  readonly resolve: (code: number) => void
  readonly reject: (error: Error) => void
}

export interface ConnectionOptions {
  readonly port: number
  readonly onClosed: () => void
}

export abstract class Connection {
  protected readonly socket: Socket
  #awaited: Awaited | undefined
  #isLeaving = false
  #error = new Error('the broker closed the connection')

  constructor({ port, onClosed }: ConnectionOptions) {
    const walker = new FrameWalker((bytes, first, body, end) => this.onFrame(bytes, first, body, end))
    const callback = (count: number): boolean => {
      walker.push(readBuffer, count)
      this.onReadEnd()
      return true
    }
    this.socket = connect({ host: '127.0.0.1', port, noDelay: true, onread: { buffer: readBuffer, callback } })
    this.socket.on('error', (error) => {
      this.#error = error
    })
    this.socket.on('close', () => {
      if (!this.#isLeaving) onClosed()
      this.#awaited?.reject(this.#error)
    })
  }

  async open(clientId: string, cleanSession: boolean): Promise<void> {
    const code = await this.#request(connectPacket(clientId, cleanSession), packetType.connack)
    if (code !== 0) throw new Error(`CONNACK ${code} for ${clientId}`)
  }

  async subscribe(filter: string, qos: Qos): Promise<void> {
    const granted = await this.#request(subscribePacket(filter, qos), packetType.suback)
    if (granted !== qos) throw new Error(`SUBACK ${granted} for ${filter} at QoS ${qos}`)
  }

  close(): void {
    this.#isLeaving = true
    this.socket.end(disconnectPacket)
    this.socket.destroySoon()
  }

  /** The frames that a role does not count itself. */
  protected onFrame(bytes: Buffer, first: number, _body: number, end: number): void {
    if (this.#isLeaving) return
    const awaited = this.#awaited
    if (awaited === undefined || awaited.type !== (first & 0xf0)) {
      throw new Error(`a packet that nobody waits for: 0x${first.toString(16)}`)
    }
    this.#awaited = undefined
    awaited.resolve(bytes[end - 1] as number)
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
