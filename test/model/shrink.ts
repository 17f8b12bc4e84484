/** A failing history, made as short as it is cheap to find: what still fails without an event does not need it. */
import type { History } from './history.ts'

/** `fails`: whether a history fails as the whole one does. */
export async function shrink(history: History, fails: (shorter: History) => Promise<boolean>): Promise<History> {
  let shortest = history
  for (let size = Math.ceil(history.events.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < shortest.events.length; ) {
      const events = shortest.events.toSpliced(at, size)
      const shorter = { ...shortest, events }
      if (await fails(shorter)) shortest = shorter
      else at += size
    }
  }
  return shortest
}
