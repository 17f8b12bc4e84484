/**
 * What ties this process to one life of another one: a connection to it, which we write, and one from it, which we
 * read. It stands when both are there, and ends when the one we read ends, after all that came on it.
 */
import { unlink } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import type { PeerId } from '@hawser/engine'
import { encodeGreeting, type Greeting, greetingChannel } from './greeting.ts'
import { Sender } from './sender.ts'

export interface LinkEvents {
  readonly onUp: (link: Link) => void
  /** Called once, whether the link was up or not. */
  readonly onDown: (link: Link) => void
}

export class Link {
  readonly #outgoing: Socket
  readonly #sender: Sender
  readonly #events: LinkEvents
  /** Resolves once the link is up or down. */
  readonly #decided = Promise.withResolvers<void>()
  #incoming: Socket | undefined
  #peer: PeerId | undefined
  #state: 'pending' | 'up' | 'down' = 'pending'
  #isConnected = false
  /** Reads that brought something: a sign of life, whatever it was. */
  reads = 0

  constructor(path: string, self: Greeting, queueBytesMax: number, events: LinkEvents) {
    this.#events = events
    this.#outgoing = connect(path)
    this.#sender = new Sender(this.#outgoing, queueBytesMax)
    this.#outgoing.on('connect', () => {
      this.#isConnected = true
      this.#sender.send(greetingChannel, encodeGreeting(self))
      this.#rise()
    })
    this.#outgoing.on('error', (error: NodeJS.ErrnoException) => {
      // Nobody listens there any more: the process has died and left its socket. Another may have removed it already.
      if (error.code === 'ECONNREFUSED') void unlink(path).catch(() => {})
    })
    this.#outgoing.on('close', () => {
      if (this.#incoming === undefined) this.drop()
    })
    // Nothing is expected on it but its end.
    this.#outgoing.resume()
  }

  /** Known as soon as it has called. */
  get peer(): PeerId | undefined {
    return this.#peer
  }
  get isUp(): boolean {
    return this.#state === 'up'
  }
  get decided(): Promise<void> {
    return this.#decided.promise
  }

  /** The other process has called, on this connection. */
  called(peer: PeerId, incoming: Socket): void {
    if (this.#incoming !== undefined || this.#state === 'down') {
      incoming.destroy()
      return
    }
    this.#peer = peer
    this.#incoming = incoming
    incoming.on('close', () => this.drop())
    this.#rise()
  }

  send(channel: string, bytes: Uint8Array): boolean {
    return this.#sender.send(channel, bytes)
  }

  /** Writes what waits, then says goodbye. */
  async end(): Promise<void> {
    await this.#sender.drained()
    await new Promise<void>((resolve) => {
      if (this.#outgoing.destroyed) resolve()
      else this.#outgoing.once('close', () => resolve()).end()
    })
  }

  drop(): void {
    if (this.#state === 'down') return
    this.#state = 'down'
    this.#outgoing.destroy()
    this.#incoming?.destroy()
    this.#events.onDown(this)
    this.#decided.resolve()
  }

  #rise(): void {
    if (this.#state !== 'pending' || !this.#isConnected || this.#incoming === undefined) return
    this.#state = 'up'
    this.#events.onUp(this)
    this.#decided.resolve()
  }
}
