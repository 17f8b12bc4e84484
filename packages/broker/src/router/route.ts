/**
 * A topic and who receives it, resolved once (lever: resolve a topic once). A publish finds its route by the bytes of
 * its topic; the trie is walked only after subscriptions that touch the route have changed.
 */
import type { PeerId, PublishView } from '@hawser/engine'
import type { Session } from '../session/session.ts'
import type { Group } from '../shared/group.ts'
import type { ShareOwner } from '../shared/share-owner.ts'

/** Clients of 3.1 and 3.1.1 take the same bytes; 5.0 has properties. */
export type WireKind = 'plain' | 'v5'

/** One session that receives a topic: overlapping filters of it are one receiver. */
export interface Receiver {
  readonly session: Session
  readonly qos: 0 | 1 | 2
  /** Undefined where no subscription has one. */
  readonly identifiers: readonly number[] | undefined
  readonly retainAsPublished: boolean
  /** Some of its subscriptions exclude what the session itself publishes. */
  readonly noLocal: boolean
  /** Whom its messages are shares of, and go back to. */
  readonly shareOf?: ShareOwner
}

/** A reader inside this process: it gets what is published, live and once, and may not keep the buffer. */
export interface Tap {
  readonly filter: string
  message(topic: string, message: TapMessage): void
}

export interface TapMessage {
  readonly buffer: Buffer
  readonly payloadStart: number
  readonly payloadEnd: number
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  /** Where the message came from the log. */
  readonly record: PublishView | undefined
}

/** What other processes want of a topic. */
export interface Elsewhere {
  /** Those with a subscriber that shares it with nobody. */
  readonly peers: readonly PeerId[]
  /** Those with a member, by the `$share/…` filter. */
  readonly shares: ReadonlyMap<string, readonly PeerId[]>
}

const noSessions: readonly Session[] = []

export class Route {
  readonly topic: string
  readonly topicBytes: Buffer
  receivers: readonly Receiver[] = []
  /** Shared subscriptions: each is given the message once. */
  groups: readonly Group[] = []
  /** All members of them may read the topic: nobody is asked for each message. */
  sharesOpen = true
  taps: readonly Tap[] = []
  /** A connector wants it: it goes to the log at QoS 0 too. */
  recorded = false
  /** Undefined where no other process wants it at QoS 0. */
  elsewhere: Elsewhere | undefined
  /** All receivers take the bytes of a plain QoS 0 publish of this kind as they are; undefined where they differ. */
  uniform: WireKind | 'either' | undefined
  stale = true
  /** The versions of subscriptions that the receivers were resolved for. */
  rootVersion = -1
  branchVersion = -1
  readonly branch: Branch
  /** Sessions whose right to it is being asked for: nothing at QoS 0 until then, the rest from the log. */
  pending: readonly Session[] = noSessions
  /** In `$SYS/`: written by the broker alone. */
  readonly isSystem: boolean
  /** Its records need not survive the process. */
  readonly volatile: boolean
  /** It left the table, which no longer tells it of changes. */
  detached = false

  constructor(topic: string, topicBytes: Buffer, branch: Branch, volatile: boolean) {
    this.volatile = volatile
    this.topic = topic
    this.topicBytes = topicBytes
    this.branch = branch
    this.isSystem = topic.startsWith('$SYS/')
  }

  hasTopic(buffer: Buffer, start: number, end: number): boolean {
    const bytes = this.topicBytes
    const length = bytes.length
    if (end - start !== length) return false
    // The last levels differ most often.
    for (let index = length - 1; index >= 0; index--) {
      if (bytes[index] !== buffer[start + index]) return false
    }
    return true
  }
}

/** Counts the changes of wildcard subscriptions under one first topic level. */
export class Branch {
  version = 0
}
