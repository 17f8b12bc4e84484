/**
 * Retained messages: a view of the log, in memory, by topic; the newest record of a topic wins, an empty one deletes.
 * No session's end touches it. v3.1.1 [MQTT-3.1.2-7]
 */
import { type Appender, type Partition, type Position, volatilePartition } from '@hawser/engine'
import type { Counters } from '../counters.ts'
import type { Limits } from '../limits/limits.ts'
import { isDeletion, isNewer, type RetainedMessage, sizeOf } from './retained-message.ts'
import { copyOf, type KeptMessage, RetainedSlabs } from './retained-slabs.ts'
import { RetainedSteps } from './retained-steps.ts'
import { childOf, RetainedNode, removeFrom } from './retained-tree.ts'

export class RetainedMessages {
  readonly #root = new RetainedNode()
  /** Topics that begin with `$`: a wildcard in the first level does not reach them. [MQTT-4.7.2-1] */
  readonly #reserved = new RetainedNode()
  readonly #slabs = new RetainedSlabs()
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
  readonly #places = new Map<Partition, Map<Position, KeptMessage>>()
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

  get(topic: string): KeptMessage | undefined {
    let node: RetainedNode | undefined = this.#rootOf(topic)
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
    const kept = this.#take(message)
    if (kept === undefined) return
    if (kept.position >= 0 && kept.partition === this.#own) this.#changes.set(kept.topic, kept)
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

  /** Answers it with bytes of its own, where it is newer than what was known of its topic and there is room. */
  #take(message: RetainedMessage): RetainedMessage | undefined {
    const { topic, order } = message
    const standing = this.get(topic)
    const known = standing ?? this.#tombstones.get(topic)
    if (known !== undefined && !isNewer(message, known)) return undefined
    if (order > this.#highestOrder) this.#highestOrder = order
    this.#tombstones.delete(topic)
    if (!isDeletion(message)) return this.#set(message, standing)
    this.#delete(topic)
    const tombstone = copyOf(message)
    if (message.position >= 0) this.#tombstones.set(topic, tombstone)
    return tombstone
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
   * What matches a filter: whoever walks may pause anywhere. Of what is set or deleted while it does, each message may be
   * met or not, none twice.
   */
  match(filter: string): RetainedSteps {
    return new RetainedSteps(this.#rootOf(filter), filter.split('/'))
  }

  #set(message: RetainedMessage, replaced: KeptMessage | undefined): KeptMessage | undefined {
    const count = this.#count + (replaced === undefined ? 1 : 0)
    const bytes = this.#bytes + sizeOf(message) - (replaced === undefined ? 0 : sizeOf(replaced))
    if (count > this.#limits.retainedMessagesMax || bytes > this.#limits.retainedBytesMax) {
      this.#counters.dropped['retained-limit']++
      return undefined
    }
    const levels = message.topic.split('/')
    let node = this.#rootOf(message.topic)
    for (const [depth, level] of levels.entries()) {
      node.height = Math.max(node.height, levels.length - depth)
      node = childOf(node, level)
    }
    if (replaced !== undefined) this.#displace(replaced)
    const kept = this.#slabs.keep(message)
    node.message = kept
    this.#place(kept)
    this.#count = count
    this.#bytes = bytes
    return kept
  }

  #delete(topic: string): void {
    const message = this.get(topic)
    if (message === undefined) return
    this.#count--
    this.#bytes -= sizeOf(message)
    removeFrom(this.#rootOf(topic), topic.split('/'), 0)
    this.#displace(message)
  }

  #rootOf(topicOrFilter: string): RetainedNode {
    return topicOrFilter.startsWith('$') ? this.#reserved : this.#root
  }

  #place(message: KeptMessage): void {
    const { partition, position } = message
    if (position < 0) return
    const known = this.#places.get(partition)
    if (known === undefined) this.#places.set(partition, new Map([[position, message]]))
    else known.set(position, message)
  }

  #displace(message: KeptMessage): void {
    this.#places.get(message.partition)?.delete(message.position)
    this.#slabs.release(message)
  }
}
