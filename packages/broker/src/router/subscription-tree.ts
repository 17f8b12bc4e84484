/** Subscriptions of connected sessions by filter, as a trie of topic levels. Matching costs the topic's depth and its matches. */
import type { Session } from '../session/session.ts'
import type { SessionSubscription } from '../session/subscription.ts'

type Subscribers = Map<Session, SessionSubscription>

class Node {
  children: Map<string, Node> | undefined
  plus: Node | undefined
  /** Of filters that end here. */
  exact: Subscribers | undefined
  /** Of filters that end here with `/#`. */
  hash: Subscribers | undefined

  get empty(): boolean {
    return !this.children && !this.plus && !this.exact && !this.hash
  }
}

export class SubscriptionTree {
  readonly #root = new Node()

  add(session: Session, subscription: SessionSubscription): void {
    const { levels, hash } = split(subscription.filter)
    let node = this.#root
    for (const level of levels) node = childOf(node, level)
    if (hash) {
      node.hash ??= new Map()
      node.hash.set(session, subscription)
    } else {
      node.exact ??= new Map()
      node.exact.set(session, subscription)
    }
  }

  remove(session: Session, filter: string): void {
    const { levels, hash } = split(filter)
    this.#remove(this.#root, levels, 0, hash, session)
  }

  #remove(node: Node, levels: readonly string[], depth: number, hash: boolean, session: Session): void {
    const level = levels[depth]
    if (level === undefined) {
      const subscribers = hash ? node.hash : node.exact
      subscribers?.delete(session)
      if (subscribers?.size === 0) {
        if (hash) node.hash = undefined
        else node.exact = undefined
      }
      return
    }
    const child = level === '+' ? node.plus : node.children?.get(level)
    if (child === undefined) return
    this.#remove(child, levels, depth + 1, hash, session)
    if (!child.empty) return
    if (level === '+') node.plus = undefined
    else node.children?.delete(level)
    if (node.children?.size === 0) node.children = undefined
  }

  /** Visits each subscription whose filter matches; a session comes as often as it has matching filters. */
  match(topic: string, visit: (session: Session, subscription: SessionSubscription) => void): void {
    // [MQTT-4.7.2-1]
    this.#match(this.#root, topic.split('/'), 0, topic.startsWith('$'), visit)
  }

  #match(
    node: Node,
    levels: readonly string[],
    depth: number,
    literalOnly: boolean,
    visit: (session: Session, subscription: SessionSubscription) => void,
  ): void {
    if (!literalOnly && node.hash) for (const [session, subscription] of node.hash) visit(session, subscription)
    const level = levels[depth]
    if (level === undefined) {
      if (node.exact) for (const [session, subscription] of node.exact) visit(session, subscription)
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

function childOf(node: Node, level: string): Node {
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
