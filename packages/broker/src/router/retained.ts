/**
 * Retained messages: a view of the log, in memory, by topic; the newest record of a topic wins, an empty one deletes.
 * No session's end touches it. v3.1.1 [MQTT-3.1.2-7]
 */
import { type Appender, type Partition, type Position, type PublishSource, volatilePartition } from '@hawser/engine'
import type { SessionNumber, SteadyMicros } from '@hawser/std'
import type { Counters } from '../counters.ts'
import type { Limits } from '../limits/limits.ts'

export interface RetainedMessage extends PublishSource {
  readonly topic: string
  readonly qos: 0 | 1 | 2
  /** A logical clock of all processes: the higher wins wherever they meet. 0 in records from before there were several. */
  readonly order: number
  /** From when on its expiry counts. */
  readonly steadyAt: SteadyMicros
  /** 0xFFFFFFFF: never. */
  readonly messageExpirySeconds: number
  /** 0: this process itself. */
  readonly publisher: SessionNumber
  readonly partition: Partition
  /** -1 where it is not in the log (`$SYS`). */
  readonly position: Position
}

/** Nothing is set aside for the children of a leaf: most nodes are leaves. */
class Node {
  children: Map<string, Node> | undefined
  message: RetainedMessage | undefined
  /** No node below is further down than so many levels. */
  height = 0
}

function childOf(node: Node, level: string): Node {
  node.children ??= new Map()
  let child = node.children.get(level)
  if (child === undefined) {
    child = new Node()
    node.children.set(level, child)
  }
  return child
}

export class RetainedMessages {
  readonly #root = new Node()
  /** Topics that begin with `$`: a wildcard in the first level does not reach them. [MQTT-4.7.2-1] */
  readonly #reserved = new Node()
  readonly #limits: Limits
  readonly #counters: Counters
  /**
   * Ticket of the last retained QoS 0 publish. It went live when it came and stands here from its commit on: who
   * subscribes between would see neither.
   */
  underway = -1
  /** Likewise, of a topic of the class `memory`. */
  underwayVolatile = -1
  #count = 0
  #bytes = 0
  /** Those that are in the log, by their place in it. */
  readonly #places = new Map<Partition, Map<Position, RetainedMessage>>()
  /** Topics whose row in the store is out of date; without payload: it is deleted. */
  #changes = new Map<string, RetainedMessage>()
  /** Deletions that a message of another process, published before it had heard of them, may still come after. */
  readonly #tombstones = new Map<string, RetainedMessage>()
  readonly #own: Partition
  #highestOrder = 0

  /** Of `own` records the rows are this process's to write. */
  constructor(limits: Limits, counters: Counters, own: Partition = 0 as Partition) {
    this.#limits = limits
    this.#counters = counters
    this.#own = own
  }

  /** A QoS 0 publish has gone live, and stands here from its commit on. */
  goesLive({ own, lastTicket }: Appender): void {
    if (own === volatilePartition) this.underwayVolatile = lastTicket
    else this.underway = lastTicket
  }

  /** Of a retained message that is appended now. */
  nextOrder(): number {
    return ++this.#highestOrder
  }

  get tombstones(): Iterable<RetainedMessage> {
    return this.#tombstones.values()
  }

  /** No older message of the topic can come any more. */
  forgetTombstone(tombstone: RetainedMessage): void {
    if (this.#tombstones.get(tombstone.topic) === tombstone) this.#tombstones.delete(tombstone.topic)
  }

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#bytes
  }

  get(topic: string): RetainedMessage | undefined {
    let node: Node | undefined = this.#rootOf(topic)
    for (const level of topic.split('/')) {
      node = node.children?.get(level)
      if (node === undefined) return undefined
    }
    return node.message
  }

  /** The message that stands at a place of the log, unless a newer one has replaced it. */
  at(partition: Partition, position: Position): RetainedMessage | undefined {
    return this.#places.get(partition)?.get(position)
  }

  /**
   * Takes a retained publish; its payload decides between setting and deleting. [MQTT-3.3.1-6] [MQTT-3.3.1-7]
   * v3.1.1 [MQTT-3.3.1-10] [MQTT-3.3.1-11]
   */
  apply(message: RetainedMessage): void {
    if (!this.#take(message)) return
    if (message.position >= 0 && message.partition === this.#own) this.#changes.set(message.topic, message)
  }

  /** Takes a retained publish of a lane that has no owner: its row is to be written here, where it still stands. */
  adopt(message: RetainedMessage): void {
    this.#take(message)
    const { topic } = message
    const standing = this.get(topic) ?? this.#tombstones.get(topic)
    if (standing?.position === message.position && standing.partition === message.partition) {
      this.#changes.set(topic, standing)
    }
  }

  /** Answers whether it is newer than what was known of its topic. */
  #take(message: RetainedMessage): boolean {
    const { topic, order } = message
    const known = this.get(topic) ?? this.#tombstones.get(topic)
    if (known !== undefined && !isNewer(message, known)) return false
    if (order > this.#highestOrder) this.#highestOrder = order
    this.#tombstones.delete(topic)
    if (!isDeletion(message)) {
      this.#set(message)
      return true
    }
    this.#delete(topic)
    if (message.position >= 0) this.#tombstones.set(topic, message)
    return true
  }

  /** What stands against retaining so many bytes on a topic, as it is now. */
  fullFor(topic: string, bytes: number): 'retained-messages' | 'retained-bytes' | undefined {
    const { retainedMessagesMax, retainedBytesMax } = this.#limits
    // Almost always there is room, whatever is replaced.
    if (this.#count < retainedMessagesMax && this.#bytes + bytes <= retainedBytesMax) return undefined
    const replaced = this.get(topic)
    if (replaced === undefined && this.#count >= retainedMessagesMax) return 'retained-messages'
    return this.#bytes + bytes - (replaced === undefined ? 0 : sizeOf(replaced)) > retainedBytesMax
      ? 'retained-bytes'
      : undefined
  }

  /** Takes a row of the store. */
  load(message: RetainedMessage): void {
    this.#take(message)
  }

  get hasChanges(): boolean {
    return this.#changes.size > 0
  }

  /** What the store does not know yet: the caller writes it, or gives it back. */
  takeChanges(): ReadonlyMap<string, RetainedMessage> {
    const changes = this.#changes
    this.#changes = new Map()
    return changes
  }

  giveBack(changes: ReadonlyMap<string, RetainedMessage>): void {
    this.#changes = new Map([...changes, ...this.#changes])
  }

  /**
   * What matches a filter, and `undefined` for each step on the way that comes upon nothing: whoever walks may pause
   * anywhere. Of what is set or deleted while it does, each message may be met or not, none twice.
   */
  match(filter: string): Generator<RetainedMessage | undefined> {
    return walk(this.#rootOf(filter), filter.split('/'))
  }

  #set(message: RetainedMessage): void {
    const replaced = this.get(message.topic)
    const count = this.#count + (replaced === undefined ? 1 : 0)
    const bytes = this.#bytes + sizeOf(message) - (replaced === undefined ? 0 : sizeOf(replaced))
    if (count > this.#limits.retainedMessagesMax || bytes > this.#limits.retainedBytesMax) {
      this.#counters.dropped['retained-limit']++
      return
    }
    const levels = message.topic.split('/')
    let node = this.#rootOf(message.topic)
    for (const [depth, level] of levels.entries()) {
      node.height = Math.max(node.height, levels.length - depth)
      node = childOf(node, level)
    }
    node.message = message
    if (replaced !== undefined) this.#displace(replaced)
    this.#place(message)
    this.#count = count
    this.#bytes = bytes
  }

  #delete(topic: string): void {
    const message = this.get(topic)
    if (message === undefined) return
    this.#count--
    this.#bytes -= sizeOf(message)
    removeFrom(this.#rootOf(topic), topic.split('/'), 0)
    this.#displace(message)
  }

  #rootOf(topicOrFilter: string): Node {
    return topicOrFilter.startsWith('$') ? this.#reserved : this.#root
  }

  #place(message: RetainedMessage): void {
    const { partition, position } = message
    if (position < 0) return
    const known = this.#places.get(partition)
    if (known === undefined) this.#places.set(partition, new Map([[position, message]]))
    else known.set(position, message)
  }

  #displace({ partition, position }: RetainedMessage): void {
    this.#places.get(partition)?.delete(position)
  }
}

export const isDeletion = ({ payloadStart, payloadEnd }: RetainedMessage): boolean => payloadEnd === payloadStart

/** What is in no log is only ever replaced. */
export function isNewer(one: RetainedMessage, other: RetainedMessage): boolean {
  if (one.position < 0 || other.position < 0) return true
  if (one.order !== other.order) return one.order > other.order
  if (one.partition !== other.partition) return one.partition > other.partition
  return one.position >= other.position
}

const sizeOf = (message: RetainedMessage): number => message.buffer.length

function removeFrom(node: Node, levels: readonly string[], depth: number): void {
  const level = levels[depth]
  if (level === undefined) {
    node.message = undefined
    return
  }
  const child = node.children?.get(level)
  if (child === undefined) return
  removeFrom(child, levels, depth + 1)
  if (child.children !== undefined || child.message !== undefined) return
  node.children?.delete(level)
  if (node.children?.size === 0) node.children = undefined
}

/** Depth first, without recursion: a step costs the same at any depth. */
function* walk(root: Node, levels: readonly string[]): Generator<RetainedMessage | undefined> {
  /** Of each level down to where the walk is, the nodes that are still to be visited. */
  const path: Iterator<Node>[] = [below(root, levels, 0)]
  for (let left = path.at(-1); left !== undefined; left = path.at(-1)) {
    const step = left.next()
    if (step.done === true) {
      path.pop()
      yield undefined
      continue
    }
    const node = step.value
    const depth = path.length
    if (node.children !== undefined && mayMatchBelow(node, levels, depth)) path.push(below(node, levels, depth))
    yield endsAt(levels, depth) ? node.message : undefined
  }
}

/** Children that a filter's level at this depth takes. */
function below({ children }: Node, levels: readonly string[], depth: number): Iterator<Node> {
  const level = levels[Math.min(depth, levels.length - 1)] ?? ''
  if (level !== '+' && level !== '#') {
    const child = children?.get(level)
    return (child === undefined ? [] : [child]).values()
  }
  return (children ?? new Map()).values()
}

const endsInHash = (levels: readonly string[]): boolean => levels.at(-1) === '#'

/** Whether a topic of so many levels, which the filter's levels take, is matched. `sport/#` matches `sport` too. */
const endsAt = (levels: readonly string[], depth: number): boolean =>
  depth === levels.length || (endsInHash(levels) && depth >= levels.length - 1)

function mayMatchBelow(node: Node, levels: readonly string[], depth: number): boolean {
  if (endsInHash(levels)) return depth + node.height >= levels.length - 1
  return depth < levels.length && depth + node.height >= levels.length
}
