/** Who publishes on what and who subscribes to what: publisher `i` has a topic of its own, unless its shape says other. */
export type Shape = 'pairs' | 'fan-in' | 'fan-out' | 'shared' | 'wild'

/** How many of the first `published` messages of a publisher are for a receiver. */
export type DueOf = (receiver: number, publisher: number, published: number) => number

export interface Topology {
  filtersOf(subscriber: number): readonly string[]
  /** Of one length each; a publisher's messages take them in turn. */
  topicsOf(publisher: number): readonly string[]
  readonly dueOf: DueOf
  readonly isPartial: boolean
  readonly deliveriesPerMessage: number
}

export interface Plan {
  readonly shape: Shape
  readonly publishers: number
  readonly subscribers: number
  readonly prefix: string
}

export function topologyOf(plan: Plan): Topology {
  const { shape, prefix, subscribers } = plan
  const topicsOf = (publisher: number): readonly string[] => [`${prefix}/${publisher}`]
  const all: DueOf = (_receiver, _publisher, published) => published
  const everything = [`${prefix}/+`]
  switch (shape) {
    case 'pairs':
      return {
        filtersOf: (subscriber) => [`${prefix}/${subscriber}`],
        topicsOf,
        dueOf: (receiver, publisher, published) => (receiver === publisher ? published : 0),
        isPartial: false,
        deliveriesPerMessage: subscribers === 0 ? 0 : 1,
      }
    case 'fan-in':
    case 'fan-out':
      return { filtersOf: () => everything, topicsOf, dueOf: all, isPartial: false, deliveriesPerMessage: subscribers }
    case 'shared':
      return {
        filtersOf: () => [`$share/${prefix}/${prefix}/+`],
        topicsOf,
        dueOf: all,
        isPartial: false,
        deliveriesPerMessage: 1,
      }
    case 'wild':
      return wildTopology(prefix, subscribers)
    default:
      throw shape satisfies never
  }
}

const wildTopics = 1000
/** So that publishers are not all at the same topic. */
const topicsApart = 131
const subscribersMin = 27

/** 1,000 topics of five levels, 10,000 filters with `+` in all places, of which three at three subscribers match each. */
function wildTopology(prefix: string, subscribers: number): Topology {
  if (subscribers < subscribersMin)
    throw new RangeError(`three filters of one topic need ${subscribersMin} subscribers`)
  const topics = Array.from({ length: wildTopics }, (_, topic) => `${prefix}/${digitsOf(topic).join('/')}/value`)
  const filters = Map.groupBy(
    topics.flatMap((_, topic) =>
      wildFilters(prefix, topic).map((filter, index) => ({ filter, holder: (topic * 7 + index * 13) % subscribers })),
    ),
    ({ holder }) => holder,
  )
  const counts = Array.from({ length: subscribers }, (_, subscriber) => countsOf(subscriber, subscribers))
  const rotated = new Map<number, readonly string[]>()
  const turn = (receiver: number, messages: number): number => {
    const below = counts[receiver] as Uint32Array
    return Math.floor(messages / wildTopics) * (below[wildTopics] as number) + (below[messages % wildTopics] as number)
  }
  return {
    filtersOf: (subscriber) => (filters.get(subscriber) ?? []).map(({ filter }) => filter),
    topicsOf(publisher) {
      const first = (publisher * topicsApart) % wildTopics
      const own = rotated.get(first) ?? [...topics.slice(first), ...topics.slice(0, first)]
      rotated.set(first, own)
      return own
    },
    dueOf(receiver, publisher, published) {
      const first = (publisher * topicsApart) % wildTopics
      return turn(receiver, first + published) - turn(receiver, first)
    },
    isPartial: true,
    deliveriesPerMessage: 3,
  }
}

const digitsOf = (topic: number): readonly number[] => [
  Math.floor(topic / 100),
  Math.floor(topic / 10) % 10,
  topic % 10,
]

/** The first three match the topic, the others differ from all topics in the last level only. */
function wildFilters(prefix: string, topic: number): readonly string[] {
  const [a, b, c] = digitsOf(topic)
  return [
    `+/${a}/${b}/${c}/value`,
    `${prefix}/${a}/${b}/${c}/+`,
    `+/${a}/${b}/${c}/+`,
    `${prefix}/+/${b}/${c}/not-${a}`,
    `${prefix}/${a}/+/${c}/not-${b}`,
    `${prefix}/${a}/${b}/+/not-${c}`,
    `+/+/${b}/${c}/not-${a}`,
    `${prefix}/+/+/${c}/not-${a}${b}`,
    `+/${a}/+/${c}/not-${b}`,
    `${prefix}/+/+/+/not-${topic}`,
  ]
}

/** At `t`: how many of the topics below `t` match a filter of the subscriber. */
function countsOf(subscriber: number, subscribers: number): Uint32Array {
  const counts = new Uint32Array(wildTopics + 1)
  for (let topic = 0; topic < wildTopics; topic++) {
    const matches = [0, 13, 26].some((offset) => (topic * 7 + offset) % subscribers === subscriber)
    counts[topic + 1] = (counts[topic] as number) + (matches ? 1 : 0)
  }
  return counts
}
