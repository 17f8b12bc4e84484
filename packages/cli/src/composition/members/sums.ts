/** What several processes say of themselves, as one: counts are added, what describes them is the first one's. */
import type { Broker, Ledger, Listener, LogSnapshot, WorkerView } from '@hawser/admin'

type Views = readonly [WorkerView, ...WorkerView[]]

export function sumOfBrokers(views: Views): Broker {
  const [first, ...others] = views.map(({ broker }) => broker) as [Broker, ...Broker[]]
  return { ...others.reduce(addBroker, first), listeners: listenersOf([first, ...others]) }
}

const addBroker = (one: Broker, other: Broker): Broker => ({
  ...one,
  connections: {
    ...addCounts(one.connections, other.connections, ['now', 'total', 'max', 'refused']),
    refusedAtDoor: addAll(one.connections.refusedAtDoor, other.connections.refusedAtDoor),
  },
  packets: addCounts(one.packets, other.packets, ['received', 'sent']),
  bytes: addCounts(one.bytes, other.bytes, ['received', 'sent']),
  publishes: {
    received: addCounts(one.publishes.received, other.publishes.received, qualities),
    sent: addCounts(one.publishes.sent, other.publishes.sent, qualities),
  },
  publishBytes: addCounts(one.publishBytes, other.publishBytes, ['received', 'sent']),
  dropped: addAll(one.dropped, other.dropped),
  subscriptions: one.subscriptions + other.subscriptions,
  sessions: addCounts(one.sessions, other.sessions, ['online', 'offline', 'durable']),
  inflight: one.inflight + other.inflight,
  queues: one.queues.map((queue) => {
    const same = other.queues.find(({ name }) => name === queue.name)
    return same === undefined ? queue : addCounts(queue, same, ['length', 'bytes'])
  }),
})

const qualities = ['qos0', 'qos1', 'qos2'] as const

/** Workers have theirs together, nodes each their own. */
function listenersOf(brokers: readonly Broker[]): Broker['listeners'] {
  const known = new Map<string, Listener>()
  for (const listener of brokers.flatMap(({ listeners }) => listeners)) {
    const { name, host, port, socketPath, connections } = listener
    const key = JSON.stringify([name, host, port, socketPath])
    known.set(key, { ...listener, connections: connections + (known.get(key)?.connections ?? 0) })
  }
  return [...known.values()]
}

/** One that takes no records makes all of it unwell. */
export function sumOfLogs(views: Views): LogSnapshot {
  const [first] = views
  const records = views.map(({ log }) => log.records).reduce((a, b) => addCounts(a, b, ['appended', 'committed']))
  const status = views.map(({ log }) => log.status).find(({ kind }) => kind !== 'open') ?? first.log.status
  return { ...first.log, records, status }
}

export const sumOfLedgers = (views: Views): Ledger =>
  views
    .map(({ ledger }) => ledger)
    .reduce((one, other) => ({
      ...addCounts(one, other, ['acknowledged', 'recorded', 'delivered']),
      dropped: addAll(one.dropped, other.dropped),
      missing: one.missing === null || other.missing === null ? null : one.missing + other.missing,
    }))

function addCounts<Name extends string, Counts extends Readonly<Record<Name, number>>>(
  one: Counts,
  other: Counts,
  names: readonly Name[],
): Counts {
  return { ...one, ...Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) }
}

function addAll(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Record<string, number> {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return Object.fromEntries([...names].map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)]))
}
