/** Retained messages up to a million: bytes each, and what a new subscription waits for. */
import { temporaryFolder } from '../brokers/running-broker.ts'
import { microsEach, restingBytes, row, startGrown, table } from './broker.ts'
import { Client } from './client.ts'

export async function retained(countMax: number): Promise<void> {
  table(
    'retained',
    'publish, µs of the broker',
    'bytes each',
    'one exact, ms',
    '10 by `site/+/machine/N/state`, ms',
    'all by `#`, s',
  )
  for (let count = 1_000; count <= countMax; count *= 10) await measure(count)
}

async function measure(count: number): Promise<void> {
  using folder = temporaryFolder()
  await using broker = await startGrown(folder.path, 'memory')
  using publisher = await Client.connect(broker.port, { clientId: 'publisher' })
  const before = await restingBytes(broker)
  const publish = await microsEach(broker, count, async () => {
    for (let index = 0; index < count; index++) {
      publisher.publish(`site/${Math.floor(index / (count / 10))}/machine/${index % (count / 10)}/state`, 0, true)
      if (index % 500 === 0) await publisher.drained()
    }
    await publisher.settled()
  })
  const bytes = ((await restingBytes(broker)) - before) / count
  const exact = await untilReceived(broker.port, 'site/3/machine/7/state', 1)
  const ten = await untilReceived(broker.port, 'site/+/machine/7/state', 10)
  const all = await untilReceived(broker.port, '#', count)
  row(count, publish.toFixed(1), Math.round(bytes), exact.toFixed(1), ten.toFixed(1), (all / 1_000).toFixed(2))
}

async function untilReceived(port: number, filter: string, count: number): Promise<number> {
  using client = await Client.connect(port, { clientId: 'reader' })
  const started = performance.now()
  await client.subscribe([filter], 0)
  while (client.published < count) await client.next('publish')
  return performance.now() - started
}
