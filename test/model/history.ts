/** What happens to a cluster and its clients, as data: made from a seed, shortened where it fails, and replayed. */
import { type Random, seededRandom } from '@hawser/std'

export type HistoryEvent =
  | {
      readonly kind: 'connect'
      readonly client: number
      readonly node: number
      readonly clean: boolean
      readonly will: boolean
    }
  | { readonly kind: 'disconnect'; readonly client: number }
  /** Its network is gone; `unnoticed`: the broker hears nothing of it. */
  | { readonly kind: 'vanish'; readonly client: number; readonly unnoticed: boolean }
  | { readonly kind: 'subscribe'; readonly client: number; readonly filter: string; readonly qos: 0 | 1 | 2 }
  | { readonly kind: 'unsubscribe'; readonly client: number; readonly filter: string }
  | {
      readonly kind: 'publish'
      readonly client: number
      readonly topic: string
      readonly qos: 0 | 1 | 2
      readonly retain: boolean
      /** With RETAIN and no payload. */
      readonly deletes: boolean
      readonly count: number
    }
  /** It owes its acknowledgements from now on, or sends all that it owes. */
  | { readonly kind: 'owe' | 'acknowledge'; readonly client: number }
  /** It reads nothing any more, or again. */
  | { readonly kind: 'stall' | 'read'; readonly client: number }
  | { readonly kind: 'crash' | 'freeze' | 'thaw' | 'start' | 'restart'; readonly node: number }
  | { readonly kind: 'crash all' }
  /** It runs, and reaches neither servers nor others. */
  | { readonly kind: 'cut' | 'mend'; readonly node: number }
  /** Of the servers, the one that leads. */
  | { readonly kind: 'lose leader' }
  | { readonly kind: 'time'; readonly ms: number }
  /** The wall clock of all is set. */
  | { readonly kind: 'wall'; readonly ms: number }
  | { readonly kind: 'disk'; readonly full: boolean }
  /** So many tasks run. */
  | { readonly kind: 'tasks'; readonly count: number }
  /** All that can happen without time does. */
  | { readonly kind: 'settle' }

export interface ClientProfile {
  readonly version: 4 | 5
  /** Of 5.0; a 3.1.1 session without Clean Session stays. */
  readonly expirySeconds: number
  /** Of 5.0. */
  readonly receiveMaximum: number
  readonly willDelaySeconds: number
}

export interface History {
  readonly seed: number
  readonly nodes: number
  readonly clients: readonly ClientProfile[]
  /** Log and state are on servers, and each node is on a host of its own. */
  readonly servers: boolean
  /** Bounds are narrow, so that what happens past them happens. */
  readonly narrow: boolean
  readonly events: readonly HistoryEvent[]
}

export interface HistoryOptions {
  /** Fixed; else the seed chooses between one and three. */
  readonly nodes?: number
  /** By default all is on one host. */
  readonly servers?: boolean
  /** With shared subscriptions, beside others; by default without. */
  readonly shared?: boolean
  readonly eventsMax?: number
}

const topics = ['t/1', 't/2', 't/a/b', 'r/1', 'r/2']
/** Of histories with shared subscriptions: each message has one group, or none. */
const sharing = {
  topics: ['t/1', 'r/1', 's/1', 's/1', 's/2', 's/2'],
  filters: ['t/+', 't/1', 'r/+', '$share/group/s/1', '$share/group/s/1', '$share/group/s/2', '$share/group/s/2'],
}
const filters = ['t/1', 't/2', 't/+', 't/#', '+/1', 'r/+', 'r/1', '#']

/** From a correction to a clock that was never set. */
const wallJumpsMs = [400, 5_000, 3_600_000, 1_000_000_000_000]

export function makeHistory(seed: number, options: HistoryOptions = {}): History {
  const random = seededRandom(seed)
  const nodes = options.nodes ?? 1 + random.integer(3)
  const { servers = false, shared = false } = options
  const clients = Array.from({ length: 2 + random.integer(3) }, () => profile(random))
  const generator = new Generator(random, { nodes, clients: clients.length, servers, shared })
  const count = 10 + random.integer((options.eventsMax ?? 70) - 9)
  const events = generator.opening().concat(Array.from({ length: count }, () => generator.next()))
  return { seed, nodes, clients, servers, narrow: random.integer(2) === 0, events }
}

const profile = (random: Random): ClientProfile => ({
  version: random.integer(3) === 0 ? 4 : 5,
  expirySeconds: pick(random, [0, 4, 600, 600]),
  receiveMaximum: pick(random, [1, 2, 5, 65_535]),
  willDelaySeconds: pick(random, [0, 0, 3]),
})

const pick = <Item>(random: Random, items: readonly Item[]): Item => items[random.integer(items.length)] as Item

interface GeneratorOptions {
  readonly nodes: number
  readonly clients: number
  readonly servers: boolean
  readonly shared: boolean
}

class Generator {
  readonly #random: Random
  readonly #nodes: number
  readonly #clients: number
  readonly #topics: readonly string[]
  readonly #filters: readonly string[]
  readonly #weighted: (() => HistoryEvent)[]

  constructor(random: Random, { nodes, clients, servers, shared }: GeneratorOptions) {
    this.#random = random
    this.#nodes = nodes
    this.#clients = clients
    this.#topics = shared ? sharing.topics : topics
    this.#filters = shared ? sharing.filters : filters
    // A run has some kinds of events more often than others.
    this.#weighted = this.#kinds(servers).flatMap(([weight, make]) =>
      Array.from({ length: Math.round(weight * (0.3 + 2 * random.next() ** 2)) }, () => make),
    )
  }

  opening(): HistoryEvent[] {
    return Array.from({ length: this.#clients }, (_, client): HistoryEvent[] => [
      { kind: 'connect', client, node: this.#node(), clean: false, will: this.#chance(3) },
      { kind: 'tasks', count: this.#random.integer(40) },
      this.#subscribe(client),
    ]).flat()
  }

  next(): HistoryEvent {
    return pick(this.#random, this.#weighted)()
  }

  #kinds(servers: boolean): [number, () => HistoryEvent][] {
    const client = () => this.#random.integer(this.#clients)
    const node = () => this.#node()
    return [
      [12, () => ({ kind: 'connect', client: client(), node: node(), clean: this.#chance(6), will: this.#chance(3) })],
      [2, () => ({ kind: 'disconnect', client: client() })],
      [4, () => ({ kind: 'vanish', client: client(), unnoticed: this.#chance(3) })],
      [6, () => this.#subscribe(client())],
      [2, () => ({ kind: 'unsubscribe', client: client(), filter: pick(this.#random, this.#filters) })],
      [24, () => this.#publish(client())],
      [3, () => ({ kind: 'owe', client: client() })],
      [3, () => ({ kind: 'acknowledge', client: client() })],
      [2, () => ({ kind: 'stall', client: client() })],
      [2, () => ({ kind: 'read', client: client() })],
      [3, () => ({ kind: 'crash', node: node() })],
      [1, () => ({ kind: 'crash all' })],
      [1, () => ({ kind: 'freeze', node: node() })],
      [1, () => ({ kind: 'thaw', node: node() })],
      [4, () => ({ kind: 'start', node: node() })],
      [1, () => ({ kind: 'restart', node: node() })],
      [6, () => ({ kind: 'time', ms: 100 + this.#random.integer(2_400) })],
      [1, () => ({ kind: 'disk', full: this.#chance(2) })],
      ...(servers ? this.#kindsOnServers() : this.#kindsOnOneHost()),
      [16, () => ({ kind: 'tasks', count: this.#random.integer(60) })],
      [4, () => ({ kind: 'settle' })],
    ]
  }

  #kindsOnOneHost(): [number, () => HistoryEvent][] {
    const ms = () => (this.#random.integer(2) === 0 ? -1 : 1) * pick(this.#random, wallJumpsMs)
    return [[1, () => ({ kind: 'wall', ms: ms() })]]
  }

  #kindsOnServers(): [number, () => HistoryEvent][] {
    return [
      [3, () => ({ kind: 'cut', node: this.#node() })],
      [2, () => ({ kind: 'mend', node: this.#node() })],
      [1, () => ({ kind: 'freeze', node: this.#node() })],
      [2, () => ({ kind: 'lose leader' })],
    ]
  }

  #subscribe(client: number): HistoryEvent {
    const filter = pick(this.#random, this.#filters)
    const qos = this.#qos()
    // A member at QoS 0 may lose what falls to its share.
    return { kind: 'subscribe', client, filter, qos: filter.startsWith('$share') && qos === 0 ? 1 : qos }
  }

  #publish(client: number): HistoryEvent {
    const topic = pick(this.#random, this.#topics)
    const retain = topic.startsWith('r/') && this.#chance(2)
    const deletes = retain && this.#chance(4)
    return { kind: 'publish', client, topic, qos: this.#qos(), retain, deletes, count: 1 + this.#random.integer(4) }
  }

  #qos(): 0 | 1 | 2 {
    return this.#random.integer(3) as 0 | 1 | 2
  }

  #node(): number {
    return this.#random.integer(this.#nodes)
  }

  /** One in `of`. */
  #chance(of: number): boolean {
    return this.#random.integer(of) === 0
  }
}
