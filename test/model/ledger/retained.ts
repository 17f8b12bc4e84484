/** Which retained message a topic may have: writes that did not overlap have an order, others have either. */
import type { Message, Step } from './records.ts'

const never: Step = Number.POSITIVE_INFINITY

const precedes = (earlier: Message, later: Message): boolean => (earlier.acceptedAt ?? never) < later.sentAt

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
