/** A test that cannot fail proves nothing: with a fault planted, the case of its statement fails. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { suiteProcess } from '../suite-process.ts'
import { faults, noFault } from './fault.ts'

/** A case may fail by waiting for what does not come. */
const patienceMs = 5_000

it('without a fault between, every case passes as it does without the proxy', async () => {
  const results = await suiteProcess({ fault: noFault })
  assert.deepEqual(
    results.filter(({ outcome }) => outcome === 'failed'),
    [],
  )
  assert.ok(results.length > faults.length)
})

describe('planted faults', { concurrency: 2 }, () => {
  for (const { name, version, id } of faults) {
    it(`${version} [${id}] catches: ${name}`, async () => {
      const results = await suiteProcess({ fault: name, only: `${version} [${id}]`, patienceMs })
      assert.ok(results.length > 0, 'no case bears the statement')
      assert.ok(
        results.some(({ outcome }) => outcome === 'failed'),
        `nothing failed: ${JSON.stringify(results)}`,
      )
    })
  }
})
