/** Which member of a shared subscription is asked first to take a message. One that is full is passed over for the next. */
import type { Random } from '@hawser/std'

export const sharedStrategies = ['round-robin', 'random', 'sticky', 'hash-client', 'hash-topic', 'local-first'] as const
export type SharedStrategy = (typeof sharedStrategies)[number]

/** What of a message a strategy may go by. */
export interface SharedMessage {
  readonly publisher: string
  readonly topic: string
}

/** Answers an index below `count`. `last` is the member that took the message before, -1 where none has. */
type FirstAsked = (last: number, count: number, message: SharedMessage, random: Random) => number

const inTurn: FirstAsked = (last, count) => (last + 1) % count

export const firstAsked: Readonly<Record<SharedStrategy, FirstAsked>> = {
  'round-robin': inTurn,
  random: (_last, count, _message, random) => random.integer(count),
  /** The same one until it leaves or is full. */
  sticky: (last, count) => Math.max(last, 0) % count,
  'hash-client': (_last, count, message) => hashOf(message.publisher) % count,
  'hash-topic': (_last, count, message) => hashOf(message.topic) % count,
  /** In turn among the members of this process; then among the others. */
  'local-first': inTurn,
}

/** FNV-1a over UTF-16 units, without sign. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash ^ (hash >>> 15)) >>> 0
}
