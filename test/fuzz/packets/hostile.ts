/** Packets that are well formed and mean harm. */
import type { Random } from '@hawser/std'
import { pick } from './choose.ts'
import { generate, type Version } from './valid.ts'

type Hostile = (random: Random) => readonly Buffer[]

const repeated = (count: number, text: string): string => Array.from({ length: count }, () => text).join('/')

/** Thousands of user properties on one packet. */
const propertyBomb: Hostile = (random) => {
  const values = Array.from({ length: 1_000 + random.integer(4_000) }, () => 'x')
  const properties = { userProperties: { k: values } }
  return [generate({ cmd: 'publish', topic: 'bomb', payload: '', qos: 1, messageId: 9, properties }, 5)]
}

/** Each topic at the bound of its depth, none twice. */
const deepTopics: Hostile = (random) =>
  Array.from({ length: 50 }, () =>
    generate({ cmd: 'publish', topic: repeated(60, `${random.integer(1e9)}`), payload: 'x', qos: 0 }, 5),
  )

const wildcards: Hostile = (random) => {
  const subscriptions = Array.from({ length: 200 }, () => {
    const topic = repeated(1 + random.integer(60), pick(random, ['+', 'a', 'b']))
    return { topic: pick(random, [topic, `${topic}/#`]), qos: 1, nl: false, rap: false, rh: 0 }
  })
  return [generate({ cmd: 'subscribe', messageId: 3, subscriptions }, 5)]
}

const aliases: Hostile = (random) =>
  Array.from({ length: 60 }, (_, index) => {
    const properties = { topicAlias: 1 + ((index * 7) % 64) }
    const topic = index < 30 ? `alias/${random.integer(1e6)}` : ''
    return generate({ cmd: 'publish', topic, payload: 'x', qos: 0, properties }, 5)
  })

const retainedSpam: Hostile = (random) =>
  Array.from({ length: 100 }, () =>
    generate({ cmd: 'publish', topic: `spam/${random.integer(1e9)}`, payload: 'x', qos: 0, retain: true }, 5),
  )

const unreleased: Hostile = () =>
  Array.from({ length: 300 }, (_, index) =>
    generate({ cmd: 'publish', topic: 'unreleased', payload: 'x', qos: 2, messageId: index + 1 }, 5),
  )

const everything: Hostile = (random) => {
  const subscriptions = [{ topic: '#', qos: pick(random, [0, 1, 2]), nl: false, rap: false, rh: 0 }]
  return [generate({ cmd: 'subscribe', messageId: 4, subscriptions }, 5)]
}

const kinds: readonly Hostile[] = [propertyBomb, deepTopics, wildcards, aliases, retainedSpam, unreleased, everything]

export const hostileVersion: Version = 5

export const hostile = (random: Random): readonly Buffer[] => pick(random, kinds)(random)
