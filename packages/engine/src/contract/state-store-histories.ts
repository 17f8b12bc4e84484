/** Random histories of writes, reads and scans, held against a plain map. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { StateChange, StateStore } from '../state.ts'
import type { Case, UnderTest } from './under-test.ts'

const historiesPerRun = 30
const stepsMax = 40
const keys = ['a', 'b', 'c', 'd/e', 'ü']

interface PlannedChange {
  readonly key: string
  readonly value: string | null
  /** What is expected: nothing, what the row has, or something else. */
  readonly expecting: 'any' | 'right' | 'wrong'
}

const change: fc.Arbitrary<PlannedChange> = fc.record({
  key: fc.constantFrom(...keys),
  value: fc.option(fc.string({ maxLength: 50 })),
  expecting: fc.constantFrom('any', 'any', 'right', 'right', 'right', 'wrong'),
})
const history = fc.array(fc.array(change, { maxLength: 4, size: 'max' }), { maxLength: stepsMax, size: 'max' })

export function stateHistoryCases(underTest: UnderTest<StateStore>, test: Case): void {
  test('random histories equal those of a plain map', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (writes) => {
        await using state = await underTest.open()
        const model: Model = { values: new Map(), revisions: new Map() }
        for (const planned of writes) await writeBoth(state, model, planned)
      }),
      { numRuns: historiesPerRun },
    )
  })
}

interface Model {
  readonly values: Map<string, string>
  /** The greatest that each key has ever had. */
  readonly revisions: Map<string, number>
}

async function writeBoth(state: StateStore, model: Model, planned: readonly PlannedChange[]): Promise<void> {
  const changes: StateChange[] = []
  for (const { key, value, expecting } of planned) {
    const revision = (await state.get('t', key))?.revision ?? 0
    const expected = expecting === 'right' ? revision : revision + 1
    const bytes = value === null ? null : Buffer.from(value)
    changes.push({ table: 't', key, value: bytes, ...(expecting === 'any' ? {} : { expected }) })
  }
  const conflict = planned.some((change) => change.expecting === 'wrong')
  assert.equal(await state.write(changes), conflict ? 'conflict' : 'applied')
  if (!conflict) applyToModel(model, planned)
  const stored = new Map<string, string>()
  for await (const { key, value, revision } of state.scan('t')) {
    stored.set(key, value.toString())
    const isWritten = !conflict && planned.some((change) => change.key === key)
    const before = model.revisions.get(key) ?? 0
    assert.ok(isWritten ? revision > before : revision === before, `revision ${revision} of ${key} after ${before}`)
    model.revisions.set(key, revision)
  }
  assert.deepEqual([...stored].sort(), [...model.values].sort())
}

function applyToModel({ values }: Model, planned: readonly PlannedChange[]): void {
  for (const { key, value } of planned) {
    if (value === null) values.delete(key)
    else values.set(key, value)
  }
}
