import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { makeHistory } from './history.ts'
import { runSeed } from './run.ts'

/** Each test is a part of them, well within a test's time. */
const seedsPerTest = 250
/** How many tests. */
const tests = [
  { nodes: 1, servers: false, shared: false, count: 4 },
  { nodes: 2, servers: false, shared: false, count: 2 },
  { nodes: 3, servers: false, shared: false, count: 2 },
  { nodes: 2, servers: true, shared: false, count: 2 },
  { nodes: 3, servers: true, shared: false, count: 4 },
  { nodes: 1, servers: false, shared: true, count: 1 },
  { nodes: 2, servers: false, shared: true, count: 2 },
  { nodes: 3, servers: false, shared: true, count: 2 },
]

describe('model', () => {
  for (const { nodes, servers, shared, count } of tests) {
    for (let part = 0; part < count; part++) {
      const from = 1 + part * seedsPerTest
      const how = `${nodes} processes${servers ? ' on servers' : ''}${shared ? ' and shared subscriptions' : ''}`
      it(`holds with ${how} for the seeds from ${from}`, async () => {
        for (let seed = from; seed < from + seedsPerTest; seed++) {
          const violations = await runSeed(seed, { nodes, servers, shared })
          assert.deepEqual(
            violations,
            [],
            `node test/model/main.ts --nodes ${nodes}${servers ? ' --servers' : ''}${shared ? ' --shared' : ''} --seed ${seed}`,
          )
        }
      })
    }
  }

  it('replays a seed exactly', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const [first, again] = [[], []] as [string[], string[]]
      await runSeed(seed, { trace: (line) => first.push(line) })
      await runSeed(seed, { trace: (line) => again.push(line) })
      assert.ok(first.length > makeHistory(seed).events.length)
      assert.deepEqual(again, first)
    }
  })
})
