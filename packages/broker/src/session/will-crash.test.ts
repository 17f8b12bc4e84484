/** A will that is due is published once, wherever the process dies on its way to the log. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '@hawser/std/testing'
import { type BrokerUnderTest, brokerUnderTest } from '../testing/broker-under-test.ts'
import { HeldCommits } from '../testing/held-commits.ts'
import { LateAnswers, ScriptedAccess } from '../testing/scripted-access.ts'

const seconds = async (clock: ManualClock, count: number): Promise<void> => {
  for (let second = 0; second < count; second++) {
    clock.advance(1_000)
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; !holds(); turn++) {
    assert.ok(turn < 10_000, 'it does not come to that')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const watcher = { clientId: 'watcher', clean: false, properties: { sessionExpiryInterval: 3_600 }, username: 'watcher' }
const leavers = {
  'delayed, of a session that stays': { sessionExpiryInterval: 3_600, delay: 2 },
  'at once, of a session that stays': { sessionExpiryInterval: 3_600, delay: 0 },
  'of a session that ends with its connection': { sessionExpiryInterval: 0, delay: 0 },
}
const steps = ['due', 'asked', 'appended', 'committed'] as const

async function watch(under: BrokerUnderTest): Promise<string[]> {
  const client = await under.connect(watcher)
  const packets = await client.untilPong()
  for (const { messageId } of packets) client.send({ cmd: 'puback', messageId })
  // Not in the journal before the next tick: what is lost of it comes again with DUP.
  const texts = packets.filter(({ dup }) => !dup).map(({ payload }) => String(payload))
  await client.untilPong()
  await client.disconnect()
  return texts
}

for (const [what, { sessionExpiryInterval, delay }] of Object.entries(leavers)) {
  describe(`a will ${what}`, () => {
    for (const step of steps) {
      it(`is published once where the process dies when it is ${step}`, async () => {
        const clock = new ManualClock()
        const commits = new HeldCommits()
        const answers = new LateAnswers()
        let late = false
        const access = new ScriptedAccess((username) => (late && username === 'leaver' ? answers.ask() : true))
        const first = await brokerUnderTest({ clock, access, schedule: commits.schedule })
        const before = await first.connect(watcher)
        await before.subscribe('will', { qos: 1 })
        await before.disconnect()
        const leaver = await first.connect({
          ...{ clientId: 'leaver', clean: false, username: 'leaver', properties: { sessionExpiryInterval } },
          will: { topic: 'will', payload: Buffer.from('gone'), qos: 1, properties: { willDelayInterval: delay } },
        })
        late = step !== 'committed'
        const other = await first.connect()
        await leaver.vanish()
        await other.untilPong()
        if (step !== 'due') {
          await seconds(clock, delay + 2)
          if (late) await until(() => answers.waiting > 0)
        }
        if (step === 'appended') {
          commits.hold()
          late = false
          const appended = first.log.lastTicket
          answers.answer(true)
          await until(() => first.log.lastTicket > appended)
        }
        if (step === 'asked') await seconds(clock, 1)
        const crashing = first.crash()
        commits.release()
        await using second = await crashing
        late = false
        answers.answer(false)
        await seconds(clock, 8)
        assert.deepEqual(await watch(second), ['gone'])
        await seconds(clock, 20)
        await using third = await second.crash()
        await seconds(clock, 8)
        assert.deepEqual(await watch(third), [])
      })
    }
  })
}
