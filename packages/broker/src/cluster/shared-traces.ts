/** A trace is about clients of all processes: each reads along with its own, and tells who asked. */
import type { PeerId } from '@hawser/engine'
import type { TraceEvent } from '../trace/trace-event.ts'
import type { TraceListener, TraceSelection, Traces } from '../trace/traces.ts'
import type { Cluster } from './cluster.ts'
import { decodeMessage, encodeMessage } from './encoding.ts'

const channel = 'traces'

/** `id` counts up at who asked. What a full outbox refuses of the events is not told. */
type TraceMessage =
  | { readonly kind: 'start'; readonly id: number; readonly selection: TraceSelection }
  | { readonly kind: 'stop'; readonly id: number }
  | { readonly kind: 'event'; readonly id: number; readonly event: TraceEvent }

interface Asked {
  readonly selection: TraceSelection
  readonly listener: TraceListener
}

export class SharedTraces {
  readonly #cluster: Cluster
  readonly #traces: Traces
  readonly #asked = new Map<number, Asked>()
  /** What peers have asked for. */
  readonly #running = new Map<PeerId, Map<number, Disposable>>()
  #id = 0

  constructor(cluster: Cluster, traces: Traces) {
    this.#cluster = cluster
    this.#traces = traces
    cluster.use(cluster.members.bus.subscribe(channel, (from, bytes) => this.#received(from, bytes)))
    cluster.use(cluster.peers.onLeft((peer) => this.#left(peer)))
    cluster.onNewcomer(async (peer) => {
      for (const [id, { selection }] of this.#asked) this.#send(peer, { kind: 'start', id, selection })
    })
  }

  start(selection: TraceSelection, listener: TraceListener): Disposable {
    const own = this.#traces.start(selection, listener)
    const id = ++this.#id
    this.#asked.set(id, { selection, listener })
    this.#tell({ kind: 'start', id, selection })
    return {
      [Symbol.dispose]: () => {
        own[Symbol.dispose]()
        if (this.#asked.delete(id)) this.#tell({ kind: 'stop', id })
      },
    }
  }

  #tell(message: TraceMessage): void {
    for (const peer of this.#cluster.peers.present) this.#send(peer, message)
  }

  #send(peer: PeerId, message: TraceMessage): void {
    this.#cluster.outbox.send(peer, channel, encodeMessage(message))
  }

  #received(from: PeerId, bytes: Buffer): void {
    const message = decodeMessage<TraceMessage>(bytes)
    switch (message?.kind) {
      case undefined:
        return
      case 'event':
        return this.#asked.get(message.id)?.listener(message.event)
      case 'start':
        return this.#readAlong(from, message.id, message.selection)
      case 'stop':
        this.#running.get(from)?.get(message.id)?.[Symbol.dispose]()
        this.#running.get(from)?.delete(message.id)
        return
      default:
        throw message satisfies never
    }
  }

  #readAlong(from: PeerId, id: number, selection: TraceSelection): void {
    const ofPeer = this.#running.get(from) ?? new Map<number, Disposable>()
    this.#running.set(from, ofPeer)
    if (ofPeer.has(id)) return
    ofPeer.set(
      id,
      this.#traces.start(selection, (event) => this.#send(from, { kind: 'event', id, event })),
    )
  }

  #left(peer: PeerId): void {
    for (const trace of this.#running.get(peer)?.values() ?? []) trace[Symbol.dispose]()
    this.#running.delete(peer)
  }
}
