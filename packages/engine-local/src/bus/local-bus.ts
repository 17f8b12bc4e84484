/**
 * The bus between the processes that share a data folder: each listens on a Unix socket in `bus` in it, and whoever
 * comes later calls those whose sockets stand there.
 */
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { type Bus, FrameParser, frameBytesMax, type PeerChange, type PeerId } from '@hawser/engine'
import { createMemoryBus } from '@hawser/engine/memory'
import {
  type Clock,
  disposable,
  HawserError,
  type Milliseconds,
  milliseconds,
  type Random,
  sleep,
  systemClock,
  systemRandom,
} from '@hawser/std'
import { decodeGreeting, earlySocketName, type Greeting, isPeerName, isSocketName, socketName } from './greeting.ts'
import { Link } from './link.ts'

export interface LocalBusOptions {
  /** The data folder. */
  readonly folder: string
  /** A name that no other living process of the folder has: letters, digits, `.`, `_`, `-`, at most 64. */
  readonly self: PeerId
  /** Of what one peer has been sent and has not taken yet, and so of the largest message. */
  readonly queueBytesMax?: number
  readonly clock?: Clock
  readonly random?: Random
}

export interface LocalBus extends Bus {
  /** Counts up with whatever arrives from a peer, so that one that has fallen silent is known. */
  signsOfLife(peer: PeerId): number
}

const queueBytesMaxByDefault = 8 << 20
/** How long the start waits for a peer that does not answer, and the end for one that does not read. */
const answerMsMax: Milliseconds = milliseconds(1000)
/** The least that any system's socket addresses hold. */
const socketPathBytesMax = 103
const nonceBytes = 4

/** Resolves once every peer that answers is known; subscribe then before the turn ends, and nothing is missed. */
export async function openLocalBus(options: LocalBusOptions): Promise<LocalBus> {
  const { self, random = systemRandom, clock = systemClock, queueBytesMax = queueBytesMaxByDefault } = options
  if (!isPeerName(self)) throw new RangeError(`'${self}' will not do as a peer's name`)
  if (queueBytesMax > frameBytesMax) throw new RangeError(`a queue of ${queueBytesMax} bytes is over ${frameBytesMax}`)
  const folder = join(options.folder, 'bus')
  const greeting: Greeting = { peer: self, socket: socketName(self, random.bytes(nonceBytes)) }
  const earlyPath = join(folder, earlySocketName(greeting.socket))
  if (Buffer.byteLength(earlyPath) > socketPathBytesMax) {
    throw new HawserError('DATA_DIR_UNUSABLE', `the path ${earlyPath} is too long for a socket`, {
      mend: 'choose a data folder with a shorter path',
    })
  }
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const bus = new SocketBus(folder, greeting, queueBytesMax, clock)
  await bus.listen(earlyPath)
  await bus.callAll()
  // Whoever awaits the bus subscribes before its next turn: what peers send to the newcomer at once is kept till then.
  setImmediate(() => bus.hear())
  return bus
}

/** For a process that has its data folder alone. */
export const busWithoutPeers = (self: PeerId): LocalBus =>
  Object.assign(createMemoryBus(self), { signsOfLife: () => 0 })

interface EarlyFrame {
  readonly incoming: Socket
  readonly deliver: () => void
}

class SocketBus implements LocalBus {
  readonly self: PeerId
  readonly #folder: string
  readonly #greeting: Greeting
  readonly #queueBytesMax: number
  readonly #clock: Clock
  readonly #server: Server
  /** By the other side's socket. */
  readonly #links = new Map<string, Link>()
  /** Those that are up. */
  readonly #peers = new Map<PeerId, Link>()
  readonly #strangers = new Set<Socket>()
  readonly #listeners = new Map<string, Set<(from: PeerId, bytes: Buffer) => void>>()
  readonly #peerListeners = new Set<(change: PeerChange) => void>()
  /** What came before `hear`: of each peer no more than one read, its connection being paused. */
  #early: EarlyFrame[] | undefined = []
  #closing: Promise<void> | undefined

  constructor(folder: string, greeting: Greeting, queueBytesMax: number, clock: Clock) {
    this.self = greeting.peer
    this.#folder = folder
    this.#greeting = greeting
    this.#queueBytesMax = queueBytesMax
    this.#clock = clock
    this.#server = createServer((socket) => this.#answer(socket))
  }

  peers(): readonly PeerId[] {
    return [...this.#peers.keys()]
  }

  onPeers(listener: (change: PeerChange) => void): Disposable {
    this.#peerListeners.add(listener)
    return disposable(() => this.#peerListeners.delete(listener))
  }

  send(peer: PeerId, channel: string, bytes: Uint8Array): boolean {
    return this.#peers.get(peer)?.send(channel, bytes) ?? false
  }

  signsOfLife(peer: PeerId): number {
    return this.#peers.get(peer)?.reads ?? 0
  }

  broadcast(channel: string, bytes: Uint8Array): boolean {
    let all = true
    for (const link of this.#peers.values()) all = link.send(channel, bytes) && all
    return all
  }

  subscribe(channel: string, listener: (from: PeerId, bytes: Buffer) => void): Disposable {
    const listeners = this.#listeners.get(channel) ?? new Set()
    this.#listeners.set(channel, listeners.add(listener))
    return disposable(() => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(channel) === listeners) this.#listeners.delete(channel)
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Under a name that nobody calls, until it listens: a socket that is bound and refuses is taken for a dead peer's. */
  async listen(earlyPath: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(earlyPath, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
    await rename(earlyPath, this.#path)
  }

  async callAll(): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => isSocketName(name) && name !== this.#greeting.socket)
    const decisions = names.map((name) => this.#linkTo(name).decided)
    await this.#inTime(Promise.all(decisions))
  }

  hear(): void {
    const early = this.#early ?? []
    this.#early = undefined
    for (const { incoming, deliver } of early) {
      deliver()
      incoming.resume()
    }
  }

  async #close(): Promise<void> {
    // What was sent arrives before the goodbye, as far as a peer reads it in time.
    const links = [...this.#links.values()]
    this.#peers.clear()
    this.#peerListeners.clear()
    this.#listeners.clear()
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    await this.#inTime(Promise.all(links.map((link) => link.end())))
    for (const link of [...this.#links.values()]) link.drop()
    for (const stranger of this.#strangers) stranger.destroy()
    await closed
    await rm(this.#path, { force: true })
  }

  get #path(): string {
    return join(this.#folder, this.#greeting.socket)
  }

  async #inTime(work: Promise<unknown>): Promise<void> {
    using done = abortOnDispose()
    const late = sleep(this.#clock, answerMsMax, done.signal).catch(() => {})
    await Promise.race([work, late])
  }

  #linkTo(socket: string): Link {
    const known = this.#links.get(socket)
    if (known !== undefined) return known
    const link = new Link(join(this.#folder, socket), this.#greeting, this.#queueBytesMax, {
      onUp: (up) => this.#join(up),
      onDown: (down) => this.#leave(socket, down),
    })
    this.#links.set(socket, link)
    return link
  }

  #answer(incoming: Socket): void {
    let link: Link | undefined
    const greeted = (channel: string, bytes: Buffer): void => {
      const greeting = decodeGreeting(channel, bytes)
      if (greeting === undefined || this.#closing !== undefined) return void incoming.destroy()
      this.#strangers.delete(incoming)
      link = this.#linkTo(greeting.socket)
      link.called(greeting.peer, incoming)
    }
    const parser = new FrameParser((channel, bytes) => {
      if (link === undefined) greeted(channel, bytes)
      else if (this.#early === undefined) this.#receive(link, channel, bytes)
      else this.#keep(this.#early, incoming, link, channel, Buffer.from(bytes))
    })
    this.#strangers.add(incoming)
    incoming.on('close', () => this.#strangers.delete(incoming))
    // What is wrong with a connection ends it, and its end is heard.
    incoming.on('error', () => {})
    incoming.on('data', (chunk: Buffer) => {
      if (link !== undefined) link.reads++
      if (!parser.push(chunk)) incoming.destroy()
    })
  }

  #keep(early: EarlyFrame[], incoming: Socket, link: Link, channel: string, bytes: Buffer) {
    incoming.pause()
    early.push({ incoming, deliver: () => this.#receive(link, channel, bytes) })
  }

  #receive(link: Link, channel: string, bytes: Buffer): void {
    const { peer } = link
    const listeners = this.#listeners.get(channel)
    if (peer === undefined || listeners === undefined) return
    for (const listener of [...listeners]) listener(peer, bytes)
  }

  #join(link: Link): void {
    if (link.peer === undefined || this.#closing !== undefined) return
    // A peer that comes again while the end of its former life has not been heard yet.
    this.#peers.get(link.peer)?.drop()
    this.#peers.set(link.peer, link)
    this.#tell({ kind: 'joined', peer: link.peer })
  }

  #leave(socket: string, link: Link): void {
    this.#links.delete(socket)
    if (link.peer === undefined || this.#peers.get(link.peer) !== link) return
    this.#peers.delete(link.peer)
    this.#tell({ kind: 'left', peer: link.peer })
  }

  #tell(change: PeerChange): void {
    for (const listener of [...this.#peerListeners]) listener(change)
  }
}

function abortOnDispose(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController()
  return { signal: controller.signal, [Symbol.dispose]: () => controller.abort() }
}
