/** Horizons of a process that ends before it has written what its predecessor left. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createSimulatedHost, type SimulatedTurn } from '@hawser/engine/simulated'
import { seededRandom } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import { createBroker } from '../broker.ts'
import { turns } from '../testing/brokers-under-test.ts'
import { hostUnderTest } from '../testing/host-under-test.ts'

const holder = { clientId: 'holder', clean: false, properties: { sessionExpiryInterval: 3_600 } }

it('what came while a process was away waits for its session, also when the next dies as it starts', async () => {
  const clock = new ManualClock()
  let isStuck = (_turn: SimulatedTurn): boolean => false
  const host = createSimulatedHost({ schedule: (turn, run) => void (isStuck(turn) || setImmediate(run)) })
  await using under = hostUnderTest({ host, clock })
  const other = await under.start()
  const first = await under.start()
  const client = await first.connect(holder)
  await client.subscribe('a', { qos: 1 })
  // Nothing is pending with it: the journal says that it stands at the horizon.
  for (let second = 0; second < 3; second++) {
    clock.advance(1_000)
    await turns(20)
  }
  await first.crash()
  await other.broker.publish({ topic: 'a', payload: Buffer.from('kept'), qos: 1 })

  // The next one appends its horizon, and writes no row any more.
  const next = host.start()
  let committed = false
  isStuck = ({ peer, kind }) => {
    if (peer === next.id && kind === 'commit') committed = true
    return committed && peer === next.id && kind === 'state'
  }
  const { log, state, members } = next
  const starting = createBroker({ log, state, members, clock, random: seededRandom(7), listeners: [] })
  starting.catch(() => undefined)
  await turns(200)
  assert.ok(committed)
  next.crash()
  await assert.rejects(starting)

  isStuck = () => false
  const last = await under.start()
  const back = await last.connect(holder)
  assert.equal(back.connack?.['sessionPresent'], true)
  await last.broker.publish({ topic: 'a', payload: Buffer.from('later'), qos: 1 })
  const { payload } = await back.receive('publish')
  assert.equal(String(payload), 'kept')
})
