/** Choices of a seeded run. */
import type { Random } from '@hawser/std'

export const chance = (random: Random, oneIn: number): boolean => random.integer(oneIn) === 0

export function pick<Value>(random: Random, values: readonly Value[]): Value {
  const value = values[random.integer(values.length)]
  if (value === undefined) throw new Error('nothing to choose from')
  return value
}

/** More often small than large, up to `most`. */
export const small = (random: Random, most: number): number => Math.floor(random.next() ** 3 * (most + 1))

const levels = ['a', 'b', 'c', '', 'long-level', '$x', 'ä', '中', '😀', ' ']

export function topic(random: Random): string {
  const name = Array.from({ length: 1 + small(random, 8) }, () => pick(random, levels)).join('/')
  // The encoder has no empty topic; the mutations have.
  return name === '' ? '/' : name
}

export function filter(random: Random): string {
  const parts = Array.from({ length: 1 + small(random, 8) }, () => (chance(random, 3) ? '+' : pick(random, levels)))
  if (chance(random, 3) || parts.join('/') === '') parts.push('#')
  return (chance(random, 8) ? `$share/${pick(random, levels)}/` : '') + parts.join('/')
}

/** Few, so that clients take each other's sessions over. */
export const clientId = (random: Random): string => (chance(random, 20) ? '' : `attacker-${random.integer(200)}`)
