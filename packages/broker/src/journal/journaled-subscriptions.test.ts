/** A checkpoint that is made between the record of a subscription, or of its end, and its coming into force. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createSimulatedHost } from '@hawser/engine/simulated'
import { ManualClock } from '@hawser/std/testing'
import { turns } from '../testing/brokers-under-test.ts'
import { hostUnderTest, type ProcessUnderTest } from '../testing/host-under-test.ts'
import type { RawClient } from '../testing/raw-client.ts'

const holder = { clientId: 'holder', clean: false, properties: { sessionExpiryInterval: 3_600 } }
/** In which there is a checkpoint. */
const checkpointSeconds = 6
const turnsMax = 10_000

/** A host on which nothing is durable while a test holds it. */
function heldHost() {
  const commits: (() => void)[] = []
  let holds = false
  const host = createSimulatedHost({
    schedule: ({ kind }, run) => void (holds && kind === 'commit' ? commits.push(run) : setImmediate(run)),
  })
  const hold = (held: boolean): void => {
    holds = held
    if (!held) for (const run of commits.splice(0)) run()
  }
  return { host, hold }
}

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < turnsMax; turn++) {
    if (isSo()) return
    await turns(1)
  }
  assert.fail('it never came to that')
}

async function interrupted(ask: (client: RawClient) => void, before: (client: RawClient) => Promise<unknown>) {
  const clock = new ManualClock()
  const { host, hold } = heldHost()
  const under = hostUnderTest({ host, clock })
  const process: ProcessUnderTest = await under.start()
  const { log } = process.member
  const client = await process.connect(holder)
  await before(client)
  hold(true)
  const asked = log.lastTicket
  ask(client)
  await until(() => log.lastTicket > asked)
  for (let second = 0; second < checkpointSeconds; second++) {
    clock.advance(1_000)
    await turns(20)
  }
  hold(false)
  return { under, process, client }
}

async function receivedAfterCrash(
  { under, process }: Awaited<ReturnType<typeof interrupted>>,
  topics: readonly string[],
): Promise<readonly string[]> {
  // The checkpoint comes to its end.
  await turns(200)
  await process.crash()
  const next = await under.start()
  for (const topic of topics) await next.broker.publish({ topic, payload: Buffer.from(topic), qos: 1 })
  const client = await next.connect(holder)
  assert.equal(client.connack?.['sessionPresent'], true)
  const received: string[] = []
  while (!received.includes('b')) received.push(String((await client.receive('publish')).payload))
  await turns(200)
  for (const { payload } of await client.untilPong()) received.push(String(payload))
  return received.sort()
}

describe('a checkpoint while a subscription is on its way into the log', () => {
  for (const filter of ['a', '$share/group/a']) {
    it(`does not lose what was acknowledged: ${filter}`, async () => {
      const made = await interrupted(
        (client) => client.send({ cmd: 'subscribe', messageId: 7, subscriptions: [{ topic: filter, qos: 1 }] }),
        (client) => client.subscribe('b', { qos: 1 }),
      )
      await using _ = made.under
      await made.client.receive('suback')
      const received = await receivedAfterCrash(made, ['a', 'b'])
      assert.deepEqual(received, ['a', 'b'])
    })
  }

  it('does not bring back what was given up', async () => {
    const made = await interrupted(
      (client) => client.send({ cmd: 'unsubscribe', messageId: 7, unsubscriptions: ['a'] }),
      async (client) => {
        await client.subscribe('a', { qos: 1 })
        await client.subscribe('b', { qos: 1 })
      },
    )
    await using _ = made.under
    await made.client.receive('unsuback')
    assert.deepEqual(await receivedAfterCrash(made, ['a', 'b']), ['b'])
  })
})
