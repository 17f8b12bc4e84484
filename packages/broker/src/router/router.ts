/** Who receives a topic: subscriptions of connected sessions, taps of this process, and what connectors want recorded. */
import { topicMatches } from '@hawser/engine'
import type { Limits } from '../limits/limits.ts'
import type { Session } from '../session/session.ts'
import type { SessionSubscription } from '../session/subscription.ts'
import type { Group } from '../shared/group.ts'
import type { GroupMember } from '../shared/member.ts'
import { Branch, type Elsewhere, type Receiver, Route, type Tap, type WireKind } from './route.ts'
import { RouteTable } from './route-table.ts'
import { SubscriptionTree } from './subscription-tree.ts'

/** Whether a session's client may read a topic; undefined while somebody is asked, who makes the route stale then. */
export type MayReceive = (session: Session, route: Route) => boolean | undefined

/** What is wanted in this process is told to the others, and what they want is known. */
export interface InterestElsewhere {
  add(filter: string): void
  remove(filter: string): void
  elsewhere(topic: string): Elsewhere | undefined
}

export class Router {
  readonly #limits: Limits
  readonly #mayReceive: MayReceive
  readonly #recordFilters: readonly string[]
  readonly #memoryFilters: readonly string[]
  readonly #interest: InterestElsewhere | undefined
  readonly #tree = new SubscriptionTree<Session, SessionSubscription>()
  readonly #groups = new SubscriptionTree<Group, Group>()
  readonly #taps = new Set<Tap>()
  readonly #routes = new RouteTable()
  readonly #branches = new Map<string, Branch>()
  /** Counts changes that may touch any topic. */
  #rootVersion = 0
  #subscriptionCount = 0

  constructor(
    limits: Limits,
    recordFilters: readonly string[],
    mayReceive: MayReceive,
    interest: InterestElsewhere | undefined,
    memoryFilters: readonly string[] = [],
  ) {
    this.#memoryFilters = memoryFilters
    this.#limits = limits
    this.#mayReceive = mayReceive
    this.#recordFilters = recordFilters
    this.#interest = interest
  }

  get subscriptionCount(): number {
    return this.#subscriptionCount
  }

  /** The route of a topic given as bytes; undefined for a topic that is not known yet. */
  find(buffer: Buffer, start: number, end: number): Route | undefined {
    return this.#routes.find(buffer, start, end)
  }

  /** Makes the route of a topic that `find` did not know; the caller has checked the topic's form. */
  create(buffer: Buffer, start: number, end: number): Route {
    const topicBytes = Buffer.from(buffer.subarray(start, end))
    const topic = topicBytes.toString('utf8')
    // Topics that never repeat must not pile up.
    if (this.#routes.size >= this.#limits.routesMax) this.forgetRoutes()
    const volatile = this.#memoryFilters.some((filter) => topicMatches(filter, topic))
    const route = new Route(topic, topicBytes, this.#branchOf(topic), volatile)
    this.#routes.add(route)
    return route
  }

  forgetRoutes(): void {
    this.#routes.clear()
    this.#branches.clear()
  }

  routeOf(topic: string): Route {
    const bytes = Buffer.from(topic, 'utf8')
    return this.find(bytes, 0, bytes.length) ?? this.create(bytes, 0, bytes.length)
  }

  /** Brings the receivers of a route up to date; on the hot path this is four comparisons. */
  resolve(route: Route): Route {
    if (route.rootVersion !== this.#rootVersion || route.branchVersion !== route.branch.version || route.stale) {
      return this.#resolveAnew(route)
    }
    return route.detached ? this.resolve(this.routeOf(route.topic)) : route
  }

  #resolveAnew(route: Route): Route {
    const bySession = new Map<Session, SessionSubscription[]>()
    this.#tree.match(route.topic, (session, subscription) => {
      const known = bySession.get(session)
      if (known === undefined) bySession.set(session, [subscription])
      else known.push(subscription)
    })
    // Before the rights are asked: an answer may come at any time from then on.
    route.stale = false
    this.#admit(route, bySession)
    const groups: Group[] = []
    this.#groups.match(route.topic, (group) => groups.push(group))
    route.groups = groups
    route.sharesOpen = groups.every(({ members }) => members.every((member) => this.#isOpen(member, route)))
    route.taps = [...this.#taps].filter((tap) => topicMatches(tap.filter, route.topic))
    route.recorded = this.#recordFilters.some((filter) => topicMatches(filter, route.topic))
    route.elsewhere = this.#interest?.elsewhere(route.topic)
    route.uniform = uniformKind(route)
    route.rootVersion = this.#rootVersion
    route.branchVersion = route.branch.version
    return route.detached ? this.resolve(this.routeOf(route.topic)) : route
  }

  /** Of those who subscribed, the ones who may read the topic. */
  #admit(route: Route, bySession: ReadonlyMap<Session, SessionSubscription[]>): void {
    const receivers: Receiver[] = []
    const pending: Session[] = []
    for (const [session, matched] of bySession) {
      const allowed = this.#mayReceive(session, route)
      if (allowed === true) receivers.push(receiverOf(session, matched))
      else if (allowed === undefined) pending.push(session)
    }
    route.receivers = receivers
    route.pending = pending
  }

  /** What a client of another process may read is known there. */
  #isOpen(member: GroupMember, route: Route): boolean {
    return member.kind === 'local' && this.#mayReceive(member.session, route) === true
  }

  /** Rights may have changed: each route is resolved anew before it is used. */
  rightsChanged(): void {
    this.#rootVersion++
  }

  subscribe(session: Session, subscription: SessionSubscription): void {
    this.#tree.add(session, subscription)
    this.#subscriptionCount++
    this.#interest?.add(subscription.filter)
    this.invalidate(subscription.filter)
  }

  unsubscribe(session: Session, filter: string): void {
    this.#tree.remove(session, filter)
    this.#subscriptionCount--
    this.#interest?.remove(filter)
    this.invalidate(filter)
  }

  /** A shared subscription has a connected member, here or elsewhere. */
  addGroup(group: Group): void {
    this.#groups.add(group, group)
    this.invalidate(group.filter)
  }

  /** A session of this process shares it. */
  addShare({ key }: Group): void {
    this.#interest?.add(key)
  }

  removeShare({ key }: Group): void {
    this.#interest?.remove(key)
  }

  /** Other members than before. */
  changedGroup({ filter }: Group): void {
    this.invalidate(filter)
  }

  removeGroup(group: Group): void {
    this.#groups.remove(group, group.filter)
    this.invalidate(group.filter)
  }

  addTap(tap: Tap): Disposable {
    this.#taps.add(tap)
    this.#interest?.add(tap.filter)
    this.#rootVersion++
    return {
      [Symbol.dispose]: () => {
        if (!this.#taps.delete(tap)) return
        this.#interest?.remove(tap.filter)
        this.#rootVersion++
      },
    }
  }

  /** A change touches one topic, the topics of one branch, or all, by where the filter's first wildcard stands. */
  invalidate(filter: string): void {
    const wildcardAt = filter.search(/[+#]/)
    if (wildcardAt < 0) {
      const bytes = Buffer.from(filter, 'utf8')
      const route = this.find(bytes, 0, bytes.length)
      if (route !== undefined) route.stale = true
      return
    }
    const firstLevelEnd = filter.indexOf('/')
    // `sport/#` matches `sport` too, which is in the branch `sport` as well.
    if (firstLevelEnd < 0 || wildcardAt < firstLevelEnd) this.#rootVersion++
    else this.#branchOf(filter).version++
  }

  #branchOf(topic: string): Branch {
    const end = topic.indexOf('/')
    const level = end < 0 ? topic : topic.slice(0, end)
    let branch = this.#branches.get(level)
    if (branch === undefined) {
      branch = new Branch()
      this.#branches.set(level, branch)
    }
    return branch
  }
}

/**
 * Overlapping filters give one delivery: the highest QoS and all identifiers. [MQTT-3.3.4-2] [MQTT-3.3.4-3]
 * [MQTT-3.3.4-4]; v3.1.1 [MQTT-3.3.5-1]
 */
export function receiverOf(session: Session, matched: readonly SessionSubscription[]): Receiver {
  let qos: 0 | 1 | 2 = 0
  const identifiers: number[] = []
  for (const subscription of matched) {
    if (subscription.qos > qos) qos = subscription.qos
    if (subscription.identifier !== undefined) identifiers.push(subscription.identifier)
  }
  return {
    session,
    qos,
    identifiers: identifiers.length > 0 ? identifiers : undefined,
    retainAsPublished: matched.some((subscription) => subscription.retainAsPublished),
    noLocal: matched.some((subscription) => subscription.noLocal),
  }
}

function uniformKind(route: Route): Route['uniform'] {
  if (route.taps.length > 0 || !route.sharesOpen || route.recorded || route.pending.length > 0) return undefined
  // Each message of a share may go another way.
  if (route.elsewhere !== undefined && route.elsewhere.shares.size > 0) return undefined
  let kind: WireKind | undefined
  const shares = route.groups.flatMap(({ members }) => members.flatMap(localReceiver))
  for (const { session, identifiers, noLocal } of [...route.receivers, ...shares]) {
    const wanted = session.connection?.sharedWire
    if (wanted === undefined || identifiers !== undefined || noLocal) return undefined
    if (kind !== undefined && kind !== wanted) return undefined
    kind = wanted
  }
  return kind ?? (route.elsewhere && 'either')
}

const localReceiver = (member: GroupMember): Receiver[] => (member.kind === 'local' ? [member.receiver] : [])
