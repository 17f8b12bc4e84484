/** Wills: each is published once if its client lost its connection, and not at all if it said that it goes. */
import { type Balance, balanceOf } from './balance.ts'

/** `unknown`: it said so, and whether the broker has heard it nobody can tell. */
export type Fate = 'lost' | 'left' | 'unknown'

export function balanceWills(fates: ReadonlyMap<string, Fate>, fired: readonly string[]): Balance {
  const times = new Map<string, number>()
  for (const name of fired) times.set(name, (times.get(name) ?? 0) + 1)
  const missing = [...fates].filter(([name, fate]) => fate === 'lost' && !times.has(name)).map(([name]) => name)
  const strange = [...times.keys()].filter((name) => (fates.get(name) ?? 'left') === 'left')
  const duplicate = [...times].filter(([, count]) => count > 1).map(([name]) => name)
  return {
    ...balanceOf({ lost: missing, duplicate, disorder: [], strange }, (kind, name) => `${name} ${verb[kind]}`),
    again: 0,
    delivered: fired.length,
  }
}

const verb = {
  lost: 'lost its connection, and its will did not come',
  duplicate: 'is one client whose will came more than once',
  disorder: 'came late',
  strange: 'had said that it goes, and its will came',
} as const
