/**
 * A connection between a client and a broker: bytes in both directions, in order, cut up and joined as TCP may do, and
 * each piece arrives when the scheduler says so.
 */
import type { Transport, TransportHandler, TransportWriter } from '@hawser/broker'
import type { Random } from '@hawser/std'
import type { Scheduler } from './scheduler.ts'

/** The process at the broker's end: what it is to do waits while it is frozen, and is forgotten when it dies. */
export interface BrokerEnd {
  readonly number: number
  enqueue(kind: string, run: () => void): void
  readonly alive: boolean
}

export interface ClientEnd {
  bytes(bytes: Buffer): void
  closed(): void
}

interface Written {
  readonly bytes: Buffer
  /** Waits to hear that they are out. */
  readonly writer: TransportWriter | undefined
}

/** Read at one time. */
export const packetsAtOnceMax = 16

export interface LinkParts {
  readonly name: string
  /** On the clock of the broker's process. */
  readonly acceptedAtMs: number
  readonly broker: BrokerEnd
  readonly scheduler: Scheduler
  readonly random: Random
  readonly nowMs: () => number
}

/** What is handed to the broker is spoilt after the call: it may not be looked at later. */
const spoilt = 0xdb

export class Link implements Transport {
  readonly remoteAddress: string
  readonly listener = 'model'
  readonly rules = {}
  readonly certificate = undefined
  readonly crowded = false
  readonly acceptedAtMs: number
  handler: TransportHandler | undefined
  client: ClientEnd | undefined
  /** When the broker's end closed it; undefined: it has not. */
  /** By the death of the broker's process: what that had read may be lost. */
  isCut = false
  closedAtMs: number | undefined
  /** The client does not read. */
  #stalled = false
  readonly #broker: BrokerEnd
  readonly #scheduler: Scheduler
  readonly #random: Random
  readonly #nowMs: () => number
  #toBroker: Buffer[] = []
  #toClient: Written[] = []
  /** Until it is accepted nothing is read. */
  #comesToBroker = true
  #comesToClient = false
  #paused = false
  #ended = false
  /** The broker is to hear that the client is gone. */
  #vanished = false
  #bytesTaken = 0
  #bytesSent = 0

  constructor(parts: LinkParts) {
    this.remoteAddress = parts.name
    this.acceptedAtMs = parts.acceptedAtMs
    this.#broker = parts.broker
    this.#scheduler = parts.scheduler
    this.#random = parts.random
    this.#nowMs = parts.nowMs
  }

  get process(): number {
    return this.#broker.number
  }

  // The broker's side.

  write(bytes: Buffer, writer: TransportWriter): boolean {
    // What a dead process still says is heard by nobody.
    if (!this.#broker.alive) return true
    const isOut = this.client === undefined || (!this.#stalled && this.#random.integer(2) === 0)
    this.#toClient.push({ bytes: Buffer.from(bytes), writer: isOut ? undefined : writer })
    this.#pumpToClient()
    return isOut
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#pumpToBroker()
  }

  end(): void {
    const { handler } = this
    if (handler === undefined) return
    this.handler = undefined
    this.#endedByBroker()
    handler.closed()
    this.#pumpToClient()
  }

  destroy(): void {
    this.#endedByBroker()
    this.#loseOutput()
    this.#pumpToClient()
    this.#tellClosed()
  }

  // The client's side.

  open(accept: (transport: Transport) => TransportHandler): void {
    this.#broker.enqueue('accept', () => {
      this.handler = accept(this)
      this.#comesToBroker = false
      this.#pumpToBroker()
      this.#tellVanished()
    })
  }

  /** Answers what `taken` must reach until the broker has read all of it. */
  send(bytes: Buffer): number {
    this.#bytesSent += bytes.length
    this.#toBroker.push(bytes)
    this.#pumpToBroker()
    return this.#bytesSent
  }

  /** How many bytes the broker has read. */
  get taken(): number {
    return this.#bytesTaken
  }

  set stalled(stalled: boolean) {
    this.#stalled = stalled
    this.#pumpToClient()
  }

  /** The client is gone, and so is a part of what it has sent last, or all. The broker learns of it. */
  vanish(all: boolean): void {
    this.client = undefined
    this.#loseInput(all)
    this.#loseOutput()
    this.#vanished = true
    this.#tellVanished()
  }

  /** As `vanish`, but the broker hears nothing of it: the connection stays half open. */
  abandon(all: boolean): void {
    this.client = undefined
    this.#loseInput(all)
    this.#loseOutput()
  }

  /** The process at the broker's end is dead. */
  cut(): void {
    this.isCut = true
    this.handler = undefined
    this.#endedByBroker()
    this.#loseOutput()
    this.#pumpToClient()
  }

  #endedByBroker(): void {
    this.#ended = true
    this.closedAtMs ??= this.#nowMs()
  }

  #loseInput(all: boolean): void {
    this.#toBroker.splice(all ? 0 : this.#random.integer(this.#toBroker.length + 1))
  }

  /** Whoever wrote is told so, even now. */
  #loseOutput(): void {
    for (const { writer } of this.#toClient.splice(0)) this.#isOut(writer)
  }

  #isOut(writer: TransportWriter | undefined): void {
    if (writer !== undefined) this.#broker.enqueue('written', () => writer.written())
  }

  #tellVanished(): void {
    if (this.#vanished && this.handler !== undefined && this.#toBroker.length === 0) this.#tellClosed()
  }

  #tellClosed(): void {
    this.#broker.enqueue('closed', () => {
      const { handler } = this
      this.handler = undefined
      handler?.closed()
    })
  }

  #pumpToBroker(): void {
    if (this.#comesToBroker || this.#paused || this.#toBroker.length === 0) return
    this.#comesToBroker = true
    this.#broker.enqueue('to broker', () => {
      this.#comesToBroker = false
      // Once the broker has closed, nothing that still comes is read.
      if (this.#paused || this.handler === undefined) return
      const piece = this.#nextPiece()
      if (piece === undefined) return
      this.#bytesTaken += piece.length
      const copy = Buffer.from(piece)
      this.handler.bytes(copy, 0, copy.length)
      copy.fill(spoilt)
      this.#pumpToBroker()
      this.#tellVanished()
    })
  }

  #pumpToClient(): void {
    const { client } = this
    if (client === undefined || this.#comesToClient || this.#stalled) return
    if (this.#toClient.length === 0 && !this.#ended) return
    this.#comesToClient = true
    this.#scheduler.add('to client', () => {
      this.#comesToClient = false
      if (this.#stalled || this.client === undefined) return
      const next = this.#toClient.shift()
      if (next === undefined) {
        this.client = undefined
        return client.closed()
      }
      this.#isOut(next.writer)
      client.bytes(next.bytes)
      this.#pumpToClient()
    })
  }

  /** The next bytes for the broker: some packets at once, or a part of one. */
  #nextPiece(): Buffer | undefined {
    const count = 1 + this.#random.integer(Math.min(packetsAtOnceMax, this.#toBroker.length))
    const joined = Buffer.concat(this.#toBroker.splice(0, count))
    if (joined.length > 1 && this.#random.integer(4) === 0) {
      const at = 1 + this.#random.integer(joined.length - 1)
      this.#toBroker.unshift(joined.subarray(at))
      return joined.subarray(0, at)
    }
    return joined.length === 0 ? undefined : joined
  }
}
