/**
 * Subscriptions by filter, as a trie of topic levels. Matching costs the topic's depth and its matches. Levels are
 * compared as they are. [MQTT-3.3.2-3] [MQTT-4.7.3-4]; v3.1.1 [MQTT-3.3.2-3] [MQTT-4.7.3-4]
 */

/** What a subscriber said about one filter. */
interface Filtered {
  readonly filter: string
}

class Node<Subscriber, Subscription> {
  children: Map<string, Node<Subscriber, Subscription>> | undefined
  plus: Node<Subscriber, Subscription> | undefined
  /** Of filters that end here. */
  exact: Map<Subscriber, Subscription> | undefined
  /** Of filters that end here with `/#`. */
  hash: Map<Subscriber, Subscription> | undefined

  get empty(): boolean {
    return !this.children && !this.plus && !this.exact && !this.hash
  }
}

export class SubscriptionTree<Subscriber, Subscription extends Filtered> {
  readonly #root = new Node<Subscriber, Subscription>()

  add(subscriber: Subscriber, subscription: Subscription): void {
    const { levels, hash } = split(subscription.filter)
    let node = this.#root
    for (const level of levels) node = childOf(node, level)
    if (hash) {
      node.hash ??= new Map()
      node.hash.set(subscriber, subscription)
    } else {
      node.exact ??= new Map()
      node.exact.set(subscriber, subscription)
    }
  }

  remove(subscriber: Subscriber, filter: string): void {
    const { levels, hash } = split(filter)
    this.#remove(this.#root, levels, 0, hash, subscriber)
  }

  #remove(
    node: Node<Subscriber, Subscription>,
    levels: readonly string[],
    depth: number,
    hash: boolean,
    subscriber: Subscriber,
  ): void {
    const level = levels[depth]
    if (level === undefined) {
      const subscribers = hash ? node.hash : node.exact
      subscribers?.delete(subscriber)
      if (subscribers?.size === 0) {
        if (hash) node.hash = undefined
        else node.exact = undefined
      }
      return
    }
    const child = level === '+' ? node.plus : node.children?.get(level)
    if (child === undefined) return
    this.#remove(child, levels, depth + 1, hash, subscriber)
    if (!child.empty) return
    if (level === '+') node.plus = undefined
    else node.children?.delete(level)
    if (node.children?.size === 0) node.children = undefined
  }

  /** Visits each subscription whose filter matches; a subscriber comes as often as it has matching filters. */
  match(topic: string, visit: (subscriber: Subscriber, subscription: Subscription) => void): void {
    // [MQTT-4.7.2-1]
    this.#match(this.#root, topic.split('/'), 0, topic.startsWith('$'), visit)
  }

  #match(
    node: Node<Subscriber, Subscription>,
    levels: readonly string[],
    depth: number,
    literalOnly: boolean,
    visit: (subscriber: Subscriber, subscription: Subscription) => void,
  ): void {
    if (!literalOnly && node.hash) for (const [subscriber, subscription] of node.hash) visit(subscriber, subscription)
    const level = levels[depth]
    if (level === undefined) {
      if (node.exact) for (const [subscriber, subscription] of node.exact) visit(subscriber, subscription)
      return
    }
    const child = node.children?.get(level)
    if (child) this.#match(child, levels, depth + 1, false, visit)
    if (!literalOnly && node.plus) this.#match(node.plus, levels, depth + 1, false, visit)
  }
}

function split(filter: string): { levels: readonly string[]; hash: boolean } {
  const levels = filter.split('/')
  const hash = levels.at(-1) === '#'
  return { levels: hash ? levels.slice(0, -1) : levels, hash }
}

function childOf<Subscriber, Subscription>(
  node: Node<Subscriber, Subscription>,
  level: string,
): Node<Subscriber, Subscription> {
  if (level === '+') {
    node.plus ??= new Node()
    return node.plus
  }
  node.children ??= new Map()
  let child = node.children.get(level)
  if (child === undefined) {
    child = new Node()
    node.children.set(level, child)
  }
  return child
}
