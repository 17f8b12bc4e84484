/** Subscriptions from a thousand to a million: what one costs to make and to keep, and what a new topic costs to match. */
import { temporaryFolder } from '../brokers/running-broker.ts'
import { microsEach, restingBytes, row, startGrown, table } from './broker.ts'
import { Client } from './client.ts'

const filtersPerPacket = 500
const topicsMatched = 20_000

const kinds: Readonly<Record<string, (index: number) => string>> = {
  exact: (index) => `site/${index % 100}/machine/${index}/state`,
  wildcard: (index) => (index % 2 === 0 ? `site/+/machine/${index}/state` : `site/${index % 100}/machine/${index}/#`),
  mixed: (index) =>
    index % 4 === 0 ? `+/${index % 100}/machine/${index}/#` : `site/${index % 100}/machine/${index}/state`,
}

export async function subscriptions(countMax: number): Promise<void> {
  table('subscriptions', 'kind', 'subscribe, µs of the broker', 'bytes each', 'a new topic matched, µs of the broker')
  for (const [kind, filterOf] of Object.entries(kinds)) {
    for (let count = 1_000; count <= countMax; count *= 10) await measure(kind, filterOf, count)
  }
}

async function measure(kind: string, filterOf: (index: number) => string, count: number): Promise<void> {
  using folder = temporaryFolder()
  await using broker = await startGrown(folder.path, 'memory')
  using subscriber = await Client.connect(broker.port, { clientId: 'subscriber' })
  using publisher = await Client.connect(broker.port, { clientId: 'publisher' })
  const before = await restingBytes(broker)
  const subscribe = await microsEach(broker, count, async () => {
    for (let from = 0; from < count; from += filtersPerPacket) {
      const size = Math.min(filtersPerPacket, count - from)
      await subscriber.subscribe(
        Array.from({ length: size }, (_, index) => filterOf(from + index)),
        0,
      )
    }
  })
  const bytes = ((await restingBytes(broker)) - before) / count
  // Each topic once, so that none is known: half of them match.
  const match = await microsEach(broker, topicsMatched, async () => {
    for (let index = 0; index < topicsMatched; index++) {
      const machine = index % 2 === 0 ? (index * 7_919) % count : count + index
      publisher.publish(`site/${machine % 100}/machine/${machine}/${index < count ? 'state' : 'other'}`, 0)
      if (index % 500 === 0) await publisher.drained()
    }
    await publisher.settled()
  })
  row(count, kind, subscribe.toFixed(1), Math.round(bytes), match.toFixed(1))
}
