import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { makeHistory } from '../history.ts'
import { runHistory } from '../run.ts'
import { faults } from './faults.ts'

const seedsMax = 400

describe('model', () => {
  for (const [invariant, planted] of Object.entries(faults)) {
    for (const { name, shows, from = 1, history, ...options } of planted) {
      it(`notices against invariant ${invariant}: ${name}`, async () => {
        const { nodes = 1, servers = false, shared = false } = options
        for (let seed = from; seed < from + seedsMax; seed++) {
          const made = history?.(seed) ?? makeHistory(seed, { nodes, servers, shared })
          const violations = await runHistory(made, options)
          if (!violations.some(({ what }) => shows.test(what))) continue
          assert.deepEqual(await runHistory(made), [], 'without the fault all is well')
          return
        }
        assert.fail('nothing showed it')
      })
    }
  }
})
