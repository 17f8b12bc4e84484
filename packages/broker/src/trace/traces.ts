/**
 * Traces that run: which connections each is about, and who is told. What a trace of a topic costs grows with the
 * traffic of all clients, because any of them may name it; one of a client or an address costs that client alone.
 */
import { topicMatches } from '@hawser/engine'
import type { Clock } from '@hawser/std'
import type { BrokerEvent, BrokerEvents } from '../events.ts'
import type { Connection } from '../session/connection.ts'
import type { TracedPacket, TraceEvent } from './trace-event.ts'
import { Tracer } from './tracer.ts'

/** What is not named is not asked for. */
export interface TraceSelection {
  readonly clientId?: string
  /** Of the peer, without port. */
  readonly address?: string
  /** Only publishes whose topic it matches, in and out. */
  readonly topicFilter?: string
}

export type TraceListener = (event: TraceEvent) => void

interface Running {
  readonly selection: TraceSelection
  readonly listener: TraceListener
}

export class Traces {
  readonly #clock: Clock
  readonly #connections: Iterable<Connection>
  readonly #running = new Set<Running>()

  constructor(clock: Clock, connections: Iterable<Connection>, events: BrokerEvents) {
    this.#clock = clock
    this.#connections = connections
    events.listen((event) => this.#onEvent(event))
  }

  start(selection: TraceSelection, listener: TraceListener): Disposable {
    const running = { selection, listener }
    this.#running.add(running)
    this.#readAlong()
    return {
      [Symbol.dispose]: () => {
        this.#running.delete(running)
        this.#readAlong()
      },
    }
  }

  /** A connection that has just come: its client is not known yet. */
  accepted(connection: Connection): void {
    if (this.#running.size > 0) this.#follow(connection)
  }

  #readAlong(): void {
    for (const connection of this.#connections) this.#follow(connection)
  }

  #follow(connection: Connection): void {
    const wanted = [...this.#running].some(({ selection }) => mayConcern(selection, connection))
    if (wanted === (connection.tracer !== undefined)) return
    connection.tracer = wanted ? this.#tracerOf(connection) : undefined
    connection.output.tracer = connection.tracer
    connection.reroute()
  }

  #tracerOf(connection: Connection): Tracer {
    const tell = (direction: 'in' | 'out', packet: TracedPacket): void => {
      const clientId = connection.identity?.clientId ?? claimedBy(packet)
      this.#tell(direction, clientId, connection.transport.remoteAddress, packet)
    }
    return new Tracer(() => connection.version, tell)
  }

  #onEvent(event: BrokerEvent): void {
    if (this.#running.size === 0 || event.kind === 'session-ended' || event.kind === 'session-unowned') return
    if (event.kind === 'subscribed' || event.kind === 'unsubscribed') return
    const { clientId, address } = 'client' in event ? event.client : { clientId: '', address: event.address }
    const reason = 'reasonCode' in event && event.reasonCode !== undefined ? { reasonCode: event.reasonCode } : {}
    const by = 'by' in event ? { by: event.by } : {}
    this.#tell('event', clientId, address, { what: event.kind, details: { ...reason, ...by } })
  }

  #tell(direction: TraceEvent['direction'], clientId: string, address: string, packet: TracedPacket): void {
    const { what, topic, details } = packet
    for (const { selection, listener } of this.#running) {
      if (!concerns(selection, clientId, address, topic)) continue
      listener({ at: this.#clock.wallMicros(), direction, clientId, address, what, details })
    }
  }
}

/** Of a CONNECT, before anybody knows whether it is true. */
const claimedBy = ({ what, details }: TracedPacket): string =>
  what === 'CONNECT' && typeof details['clientId'] === 'string' ? details['clientId'] : ''

const hostOf = (address: string): string => address.replace(/:\d+$/, '')

/** Whoever has not said who it is may be the one. */
function mayConcern({ clientId, address }: TraceSelection, { identity, transport }: Connection): boolean {
  if (address !== undefined && hostOf(transport.remoteAddress) !== address) return false
  return clientId === undefined || identity === undefined || identity.clientId === clientId
}

function concerns(selection: TraceSelection, clientId: string, address: string, topic: string | undefined): boolean {
  if (selection.clientId !== undefined && selection.clientId !== clientId) return false
  if (selection.address !== undefined && selection.address !== hostOf(address)) return false
  return selection.topicFilter === undefined || (topic !== undefined && topicMatches(selection.topicFilter, topic))
}
