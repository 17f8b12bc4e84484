/** Retained values: what a newcomer is given is the last that was acknowledged, or a later one of unknown fate. */
import { type Balance, balanceOf, type StreamBook } from './balance.ts'

export function balanceRetained(
  book: StreamBook,
  topicOf: (number: number) => number,
  /** By reader, what it was given: topic → number. */
  found: ReadonlyMap<string, ReadonlyMap<number, number>>,
): Balance {
  const last = lastAcknowledged(book, topicOf)
  const unknown = new Set(book.unknown)
  const lost: string[] = []
  const strange: string[] = []
  for (const [reader, values] of found) {
    for (const [topic, wanted] of last) {
      const value = values.get(topic)
      if (value === wanted || (value !== undefined && value > wanted && unknown.has(value))) continue
      if (value === undefined || value < wanted) {
        lost.push(`topic ${topic} at ${reader}: ${wanted} was acknowledged, ${value ?? 'nothing'} is retained`)
      } else strange.push(`topic ${topic} at ${reader}: ${value} is retained, which was published by nobody`)
    }
  }
  return {
    ...balanceOf({ lost, duplicate: [], disorder: [], strange }, (_kind, words) => words),
    again: 0,
    delivered: [...found.values()].reduce((all, { size }) => all + size, 0),
  }
}

function lastAcknowledged(
  { acknowledged }: StreamBook,
  topicOf: (number: number) => number,
): ReadonlyMap<number, number> {
  const last = new Map<number, number>()
  for (const number of acknowledged) {
    const topic = topicOf(number)
    last.set(topic, Math.max(number, last.get(topic) ?? -1))
  }
  return last
}
