/**
 * Which retained message a topic may have: writes that did not overlap have an order, others have either. Of two
 * processes a write has an order only if the later one can have heard of the earlier: their clock is a logical one.
 */
import type { Message, Step } from './records.ts'

const never: Step = Number.POSITIVE_INFINITY

function precedes({ acceptedAt = never, ...earlier }: Message, later: Message): boolean {
  if (acceptedAt >= later.sentAt) return false
  // One that was sent again may have been written elsewhere.
  const atOneProcess = earlier.process === later.process && earlier.sends === 1 && later.sends === 1
  return atOneProcess || earlier.from === later.from || acceptedAt < later.settledAt
}

/** Nothing newer had been accepted at `step`. */
export function mayBeRetained(message: Message, ofTopic: readonly Message[], step: Step = never): boolean {
  if (message.refused && message.sends === 1) return false
  return !ofTopic.some((other) => (other.acceptedAt ?? never) < step && !other.refused && precedes(message, other))
}

/** By id; undefined among them: there may be none. */
export function retainedCandidates(ofTopic: readonly Message[]): Set<string | undefined> {
  const candidates = new Set<string | undefined>()
  if (!ofTopic.some(({ acceptedAt, refused }) => acceptedAt !== undefined && !refused)) candidates.add(undefined)
  for (const message of ofTopic) {
    if (mayBeRetained(message, ofTopic)) candidates.add(message.deletes ? undefined : message.id)
  }
  return candidates
}
