/** Topics that never repeat, and subscriptions that change while messages flow: memory stays, and so does the rate. */
import { temporaryFolder } from '../brokers/running-broker.ts'
import { residentBytes } from '../machine/processes.ts'
import { microsEach, restingBytes, row, startGrown, table } from './broker.ts'
import { Client } from './client.ts'

const rounds = 5

export async function newTopics(count: number): Promise<void> {
  for (const qos of [0, 1] as const) {
    using folder = temporaryFolder()
    await using broker = await startGrown(folder.path, qos === 0 ? 'memory' : 'disk')
    using publisher = await Client.connect(broker.port, { clientId: 'publisher' })
    const before = await restingBytes(broker)
    table(`topics at QoS ${qos} that never came before`, 'µs of the broker each', 'resident since the start, MB')
    for (let round = 1; round <= rounds; round++) {
      const each = await microsEach(broker, count, async () => {
        for (let index = 0; index < count; index++) {
          publisher.publish(`spam/${round}/${index}/once`, qos)
          if (index % 500 === 0) await publisher.settled()
        }
        await publisher.settled()
      })
      row(round * count, each.toFixed(1), `+${Math.round((residentBytes(broker.pid) - before) / 1e6)}`)
    }
  }
}

const changesPerBatch = 100
const messagesPerBatch = 10_000

/** A thousand changes for each hundred thousand messages, on branches beside theirs. */
export async function changingSubscriptions(batches: number): Promise<void> {
  table('messages', 'subscriptions changed meanwhile', 'µs of the broker for a message')
  for (const changes of [0, changesPerBatch]) {
    using folder = temporaryFolder()
    await using broker = await startGrown(folder.path, 'memory')
    using publisher = await Client.connect(broker.port, { clientId: 'publisher' })
    using receiver = await Client.connect(broker.port, { clientId: 'receiver' })
    using changing = await Client.connect(broker.port, { clientId: 'changing' })
    await receiver.subscribe(['flow/+'], 0)
    const total = batches * messagesPerBatch
    const each = await microsEach(broker, total, async () => {
      for (let batch = 0; batch < batches; batch++) {
        for (let index = 0; index < messagesPerBatch; index++) publisher.publish(`flow/${index % 100}`, 0)
        for (let index = 0; index < changes; index++) {
          const filter = `other/${batch}/${index}/+`
          if (index % 2 === 0) await changing.subscribe([filter], 0)
          else await changing.unsubscribe([`other/${batch}/${index - 1}/+`])
        }
        await publisher.settled()
      }
    })
    while (receiver.published < total) await receiver.next('publish')
    row(total, changes * batches, each.toFixed(2))
  }
}
