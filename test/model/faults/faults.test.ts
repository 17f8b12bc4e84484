import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type History, makeHistory } from '../history.ts'
import { runHistory } from '../run.ts'
import { faults } from './faults.ts'

const seedsMax = 400

function* histories(nodes: number): Iterable<History> {
  for (let seed = 1; seed <= seedsMax; seed++) yield makeHistory(seed, { nodes })
}

describe('model', () => {
  for (const [invariant, planted] of Object.entries(faults)) {
    for (const { name, shows, history: directed, ...options } of planted) {
      it(`notices against invariant ${invariant}: ${name}`, async () => {
        for (const history of directed === undefined ? histories(options.nodes ?? 1) : [directed]) {
          const violations = await runHistory(history, options)
          if (!violations.some(({ what }) => shows.test(what))) continue
          assert.deepEqual(await runHistory(history), [], 'without the fault all is well')
          return
        }
        assert.fail('nothing showed it')
      })
    }
  }
})
