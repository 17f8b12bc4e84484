/**
 * The links of a node to the lives of others: who is there, and who is no more. Each life has a subject of its own; who
 * starts says hello on a common one, and those that hear it answer. Twice a second each tells each how it stands with it.
 *
 * A peer is gone when it says bye, when the servers go on saying that nobody listens on its subject (for `goneMsMax`, or
 * for `movingMsMax` where a server has just come or gone: peers are then on their way to another), or when nothing was
 * heard of it for `silentMsMax`. Whoever was declared gone is told so, and never comes back in that life.
 */
import type { PeerId } from '@hawser/engine'
import { type Clock, type Milliseconds, milliseconds, sleep } from '@hawser/std'
import type { Msg, NatsConnection } from '@nats-io/transport-node'
import { Link } from './link.ts'
import { decodeWire, encodeBye, encodeHello, nameOf, type PeerKey, type WireMessage } from './wire.ts'

export interface LinksOptions {
  readonly connection: NatsConnection
  readonly prefix: string
  readonly self: PeerKey
  readonly clock: Clock
  readonly queueBytesMax: number
  readonly goneMsMax: Milliseconds
  readonly movingMsMax: Milliseconds
  readonly silentMsMax: Milliseconds
  /** A link is up, or down: called for each link once. */
  readonly onUp: (peer: PeerKey) => void
  readonly onDown: (peer: PeerKey) => void
  readonly onFrame: (peer: PeerKey, channel: string, bytes: Buffer) => void
}

const beatMs: Milliseconds = milliseconds(500)
/** Between questions after one that the servers say is missing, and how often they must say so. */
const askAgainMs: Milliseconds = milliseconds(40)
const missingMin = 4
/** For so long after a server has come or gone peers may be on their way. */
const unsettledMs: Milliseconds = milliseconds(5000)
/** When nobody new has answered a hello for so long, all have. */
const quietMs: Milliseconds = milliseconds(200)
/** How long the end waits for a peer that does not confirm. */
const farewellMsMax: Milliseconds = milliseconds(1000)
const segmentBytesMax = 256 << 10
/** Of a segment's head, and of its headers. */
const headBytesMax = 1024
/** Lives that are over, remembered so that they are not taken for new ones. */
const formerMax = 1000

export class Links {
  readonly #options: LinksOptions
  /** By name: a peer that comes again while the end of its former life is not known yet ends that. */
  readonly #links = new Map<PeerId, Link>()
  readonly #former = new Set<PeerKey>()
  readonly #stack = new DisposableStack()
  #beat: Disposable | undefined
  #beatenMs: Milliseconds
  #grownMs: Milliseconds
  #isConnected = true
  /** When a server last came or went, as far as ours has told. */
  #changedMs = Number.NEGATIVE_INFINITY
  #isClosing = false

  constructor(options: LinksOptions) {
    this.#options = options
    this.#beatenMs = options.clock.monotonicMs()
    this.#grownMs = this.#beatenMs
    const { prefix, self } = options
    this.#subscribe(this.#helloSubject, (message) => this.#receive(message))
    this.#subscribe(this.#subjectOf(self), (message) => this.#receive(message))
    this.#subscribe(`${prefix}.bus.missing.${self}.*.*`, ({ subject }) => this.#isMissing(subject))
    void this.#followConnection()
    this.#armBeat()
  }

  /** Resolves once all that answer are known. */
  async join(): Promise<void> {
    const { connection, clock, self } = this.#options
    connection.publish(this.#helloSubject, encodeHello(self))
    this.#grownMs = clock.monotonicMs()
    for (let leftMs: number = quietMs; leftMs > 0; leftMs = this.#grownMs + quietMs - clock.monotonicMs()) {
      await sleep(clock, milliseconds(leftMs))
    }
  }

  get all(): Iterable<Link> {
    return this.#links.values()
  }

  named(name: PeerId): Link | undefined {
    return this.#links.get(name)
  }

  /** What was sent arrives before the goodbye, as far as a peer confirms it in time. */
  async close(): Promise<void> {
    const { connection, clock, self } = this.#options
    this.#isClosing = true
    const links = [...this.#links.values()]
    const late = new AbortController()
    const confirmed = Promise.all(links.map((link) => link.confirmed()))
    await Promise.race([confirmed, sleep(clock, farewellMsMax, late.signal).catch(() => undefined)])
    late.abort()
    for (const link of links) {
      link.close()
      this.#publish(link.peer, encodeBye(self))
    }
    this.#links.clear()
    this.#beat?.[Symbol.dispose]()
    this.#stack.dispose()
    if (this.#isConnected && !connection.isClosed()) await connection.flush()
  }

  get #helloSubject(): string {
    return `${this.#options.prefix}.bus.hello`
  }

  #subjectOf(peer: PeerKey): string {
    return `${this.#options.prefix}.bus.to.${peer}`
  }

  /** Where the servers answer if nobody listens on the peer's. */
  #missingSubjectOf(peer: PeerKey): string {
    return `${this.#options.prefix}.bus.missing.${this.#options.self}.${peer}`
  }

  #subscribe(subject: string, listener: (message: Msg) => void): void {
    const subscription = this.#options.connection.subscribe(subject, {
      callback: (_error, message) => listener(message),
    })
    this.#stack.defer(() => subscription.unsubscribe())
  }

  #publish(peer: PeerKey, bytes: Buffer, reply?: string): void {
    const { connection } = this.#options
    if (connection.isClosed()) return
    connection.publish(this.#subjectOf(peer), bytes, reply === undefined ? {} : { reply })
  }

  async #followConnection(): Promise<void> {
    for await (const { type } of this.#options.connection.status()) {
      if (type === 'disconnect') this.#isConnected = false
      else if (type === 'update') this.#changedMs = this.#options.clock.monotonicMs()
      else if (type === 'reconnect') {
        this.#isConnected = true
        this.#changedMs = this.#options.clock.monotonicMs()
        // Nothing could be heard meanwhile.
        this.#hearAnew()
      }
    }
  }

  #receive({ data }: Msg): void {
    const message = decodeWire(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
    if (message === undefined || message.from === this.#options.self) return
    if (this.#former.has(message.from)) {
      // Whom we have given up must know that, or it would wait for us.
      if (message.kind === 'status') this.#publish(message.from, encodeBye(this.#options.self))
      return
    }
    if (message.kind === 'bye') return this.#end(message.from)
    const link = this.#of(message.from) ?? this.#rise(message)
    if (link === undefined) return
    link.heardMs = this.#options.clock.monotonicMs()
    link.missing = undefined
    if (message.kind === 'segment') link.segmentArrived(message.number, message.bytes)
    else if (message.kind === 'status') link.statusArrived(message.flags, message.expected, message.next)
  }

  /** A segment ahead of any status is of a stream whose beginning is told by the status that comes again. */
  #rise({ from, kind }: WireMessage): Link | undefined {
    if (this.#isClosing || kind === 'segment') return undefined
    const { self, clock, queueBytesMax, onUp, onFrame, connection } = this.#options
    const link = new Link({
      self,
      peer: from,
      queueBytesMax,
      segmentBytesMax: Math.min(segmentBytesMax, (connection.info?.max_payload ?? segmentBytesMax) - headBytesMax),
      now: clock.monotonicMs(),
      onFrame: (channel, bytes) => onFrame(from, channel, bytes),
      publish: (bytes) => this.#publish(from, bytes, this.#missingSubjectOf(from)),
      onBroken: () => this.#end(from),
    })
    const former = this.#links.get(nameOf(from))
    if (former !== undefined) this.#end(former.peer)
    this.#links.set(nameOf(from), link)
    this.#grownMs = clock.monotonicMs()
    // It knows us then, ahead of all that we send to it.
    if (kind === 'hello') link.tellStatus()
    onUp(from)
    return link
  }

  #of(peer: PeerKey): Link | undefined {
    const link = this.#links.get(nameOf(peer))
    return link?.peer === peer ? link : undefined
  }

  #end(peer: PeerKey): void {
    const link = this.#of(peer)
    if (link === undefined) return
    this.#links.delete(nameOf(peer))
    link.close()
    this.#former.add(peer)
    for (const oldest of this.#former) {
      if (this.#former.size <= formerMax) break
      this.#former.delete(oldest)
    }
    if (!this.#isClosing) this.#options.onDown(peer)
  }

  /** The servers' answer where nobody listens on a peer's subject; its last two words are the peer's key. */
  #isMissing(subject: string): void {
    const link = this.#of(subject.split('.').slice(-2).join('.'))
    if (link === undefined) return
    if (link.missing !== undefined) {
      link.missing.times++
      return
    }
    link.missing = { sinceMs: this.#options.clock.monotonicMs(), times: 1 }
    this.#askAgain(link)
  }

  /** Soon and often, so that nobody waits for the answer of one that is no more. */
  #askAgain(link: Link): void {
    this.#options.clock.after(askAgainMs, () => {
      if (link.missing === undefined || this.#of(link.peer) !== link || this.#isClosing) return
      if (this.#isGone(link)) return this.#end(link.peer)
      if (this.#isConnected) link.tellStatus()
      this.#askAgain(link)
    })
  }

  #isGone({ missing, heardMs }: Link): boolean {
    const { clock, goneMsMax, movingMsMax, silentMsMax } = this.#options
    const now = clock.monotonicMs()
    if (now - heardMs >= silentMsMax) return true
    if (missing === undefined || missing.times < missingMin) return false
    return now - missing.sinceMs >= (now - this.#changedMs < unsettledMs ? movingMsMax : goneMsMax)
  }

  #armBeat(): void {
    this.#beat = this.#options.clock.after(beatMs, () => {
      this.#armBeat()
      this.#beatOnce()
    })
  }

  #beatOnce(): void {
    const { clock, movingMsMax } = this.#options
    const now = clock.monotonicMs()
    const wasAsleep = now - this.#beatenMs > 2 * beatMs + movingMsMax
    this.#beatenMs = now
    if (!this.#isConnected) return
    // A process that was frozen has heard nothing, and what waits to be read is still to come.
    if (wasAsleep) this.#hearAnew()
    for (const link of [...this.#links.values()]) {
      if (this.#isGone(link)) this.#end(link.peer)
      else link.tellStatus()
    }
  }

  #hearAnew(): void {
    const now = this.#options.clock.monotonicMs()
    for (const link of this.#links.values()) {
      link.heardMs = now
      link.missing = undefined
    }
  }
}
