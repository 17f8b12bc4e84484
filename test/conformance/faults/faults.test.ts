/** A case that cannot fail proves nothing: with a fault planted, the case of its statement fails. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { milliseconds, systemClock } from '@hawser/std'
import { caseFiles } from '../run-suite.ts'
import { collectCases, type DeclaredCase, performWith } from '../suite.ts'
import { type Fault, faults } from './fault.ts'

/** A case may fail by waiting for what does not come. */
const faultyMsMax = milliseconds(4_000)
const soundMsMax = milliseconds(30_000)

const cases = collectCases()
for (const file of caseFiles()) await import(file)

async function failure(declared: DeclaredCase, breaks: Fault['breaks'], msMax: typeof faultyMsMax): Promise<unknown> {
  const controller = new AbortController()
  using _ = systemClock.after(msMax, () => controller.abort(new Error('waited in vain')))
  return await performWith(breaks, declared, controller.signal).then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('planted faults', { concurrency: 16 }, () => {
  for (const { name, version, id, breaks } of faults) {
    it(`${version} [${id}] catches: ${name}`, async () => {
      const bearing = cases.filter(({ title }) => title.includes(`${version} [${id}]`))
      assert.ok(bearing.length > 0, 'no case bears the statement')
      const failed: string[] = []
      for (const declared of bearing) {
        assert.equal(await failure(declared, () => ({}), soundMsMax), undefined, `${declared.title} fails by the proxy`)
        if ((await failure(declared, breaks, faultyMsMax)) !== undefined) failed.push(declared.title)
      }
      assert.notDeepEqual(failed, [])
    })
  }
})
