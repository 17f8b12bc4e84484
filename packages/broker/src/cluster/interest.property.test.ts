import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type PeerId, position } from '@hawser/engine'
import { createMemoryBusHub } from '@hawser/engine/memory'
import { milliseconds, seededRandom } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import { membersOf } from '../testing/members-of-bus.ts'
import { Cluster } from './cluster.ts'
import { Interest } from './interest.ts'

const filters = [...Array(40).keys()].map((n) => `t/${n}`.padEnd(40, '-'))

async function pass(clock: ManualClock, turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    await new Promise(setImmediate)
    clock.advance(milliseconds(5))
  }
}

describe('interest between processes', () => {
  for (let seed = 1; seed <= 30; seed++) {
    it(`is in the end what each wants, whatever was lost on the way (seed ${seed})`, async () => {
      const random = seededRandom(seed)
      const clock = new ManualClock()
      // So little room that most messages wait, and some are refused.
      const schedule = (deliver: () => void) => clock.after(milliseconds(random.integer(60)), deliver)
      const hub = createMemoryBusHub({ queueBytesMax: 2_200, schedule })
      const start = (name: string) => {
        const cluster = new Cluster(membersOf(hub, name), clock, 500)
        const interest = new Interest({
          ...{ cluster, clock },
          changed: () => undefined,
          shareWanted: () => undefined,
          ownEnds: () => new Map(),
          reached: async () => undefined,
          endOf: async () => position(0),
          unconfirmed: () => undefined,
        })
        return { name: name as PeerId, cluster, interest, wanted: new Map<string, number>() }
      }
      const processes = [start('a'), start('b')]
      for (const { cluster } of processes) void cluster.join()
      for (let step = 0; step < 120; step++) {
        if (step === 60) {
          const late = start('late')
          processes.push(late)
          void late.cluster.join()
        }
        for (let change = random.integer(30); change > 0; change--) {
          const process = processes[random.integer(processes.length)]
          const filter = filters[random.integer(filters.length)]
          if (process === undefined || filter === undefined) continue
          const { interest, wanted } = process
          const count = wanted.get(filter) ?? 0
          if (count > 0 && random.integer(2) === 0) {
            interest.remove(filter)
            wanted.set(filter, count - 1)
          } else {
            interest.add(filter)
            wanted.set(filter, count + 1)
          }
        }
        await pass(clock, random.integer(3))
      }
      await pass(clock, 300)
      for (const { name, wanted } of processes) {
        for (const { interest, name: other } of processes) {
          if (other === name) continue
          const known = filters.filter((filter) => interest.elsewhere(filter)?.peers.includes(name) === true)
          assert.deepEqual(
            known,
            filters.filter((filter) => (wanted.get(filter) ?? 0) > 0),
            `${name} at ${other}`,
          )
        }
      }
      for (const { cluster } of processes) cluster[Symbol.dispose]()
    })
  }
})
