/** What every `StateStore` must do. */
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import type { StateRow, StateStore } from '../state.ts'
import { stateHistoryCases } from './state-store-histories.ts'
import { casesOf, type UnderTest } from './under-test.ts'

export type StateStoreUnderTest = UnderTest<StateStore>

const put = (key: string, value: string, expected?: number) => ({
  table: 't',
  key,
  value: Buffer.from(value),
  ...(expected === undefined ? {} : { expected }),
})
const remove = (key: string, expected?: number) => ({ ...put(key, '', expected), value: null })
const text = async (state: StateStore, key: string, table = 't') => (await state.get(table, key))?.value.toString()
const revision = async (state: StateStore, key: string) => (await state.get('t', key))?.revision ?? 0

async function scanned(state: StateStore, table: string, from?: string): Promise<(StateRow & { key: string })[]> {
  const rows = []
  for await (const row of state.scan(table, from)) rows.push(row)
  return rows
}

export function stateStoreContract(underTest: StateStoreUnderTest): void {
  const test = casesOf(underTest)
  describe(`${underTest.name}: state store`, () => {
    test('a row is what was written last, with a revision that grows', async () => {
      await using state = await underTest.open()
      assert.equal(await state.get('t', 'k'), undefined)
      assert.equal(await state.write([put('k', 'one')]), 'applied')
      const first = await state.get('t', 'k')
      assert.equal(first?.value.toString(), 'one')
      assert.ok(first.revision > 0)
      assert.equal(await state.write([put('k', 'two')]), 'applied')
      assert.equal(await text(state, 'k'), 'two')
      assert.ok((await revision(state, 'k')) > first.revision)
      assert.equal(await text(state, 'k', 'other table'), undefined)
    })

    test('an expected revision that is not the row’s is a conflict and changes nothing', async () => {
      await using state = await underTest.open()
      assert.equal(await state.write([put('k', 'one', 0)]), 'applied')
      assert.equal(await state.write([put('k', 'two', 0)]), 'conflict')
      const now = await revision(state, 'k')
      assert.equal(await state.write([put('k', 'two', now + 1)]), 'conflict')
      assert.equal(await text(state, 'k'), 'one')
      assert.equal(await state.write([put('k', 'two', now)]), 'applied')
      assert.equal(await state.write([put('k', 'three', now)]), 'conflict')
      assert.equal(await text(state, 'k'), 'two')
    })

    test('of many writers that expect the same revision one wins', async () => {
      await using state = await underTest.open()
      await state.write([put('k', 'start')])
      const expected = await revision(state, 'k')
      const writers = Array.from({ length: 50 }, (_, index) => state.write([put('k', `${index}`, expected)]))
      const answers = await Promise.all(writers)
      assert.equal(answers.filter((answer) => answer === 'applied').length, 1)
      assert.equal(await text(state, 'k'), `${answers.indexOf('applied')}`)
    })

    test('all changes of a write or none', async () => {
      await using state = await underTest.open()
      assert.equal(await state.write([put('a', '1'), put('b', '1', 7), put('c', '1')]), 'conflict')
      assert.deepEqual(await scanned(state, 't'), [])
      assert.equal(await state.write([put('a', '1', 0), put('b', '1', 0), remove('never')]), 'applied')
      assert.equal(
        await state.write([remove('a'), put('b', '2', await revision(state, 'b')), put('c', '2')]),
        'applied',
      )
      assert.deepEqual([await text(state, 'a'), await text(state, 'b'), await text(state, 'c')], [undefined, '2', '2'])
      assert.equal(await state.write([]), 'applied')
    })

    test('a deleted row has revision 0, and written again a revision that it never had', async () => {
      await using state = await underTest.open()
      await state.write([put('k', 'one')])
      const before = await revision(state, 'k')
      assert.equal(await state.write([remove('k', before + 1)]), 'conflict')
      assert.equal(await state.write([remove('k', before)]), 'applied')
      assert.equal(await state.get('t', 'k'), undefined)
      assert.equal(await state.write([put('k', 'late', before)]), 'conflict')
      assert.equal(await state.write([put('k', 'two', 0)]), 'applied')
      assert.ok((await revision(state, 'k')) > before)
    })

    test('values are copied in and out', async () => {
      await using state = await underTest.open()
      const value = Buffer.from('mine')
      const writing = state.write([{ table: 't', key: 'k', value }])
      value.fill('x')
      await writing
      const row = await state.get('t', 'k')
      assert.equal(row?.value.toString(), 'mine')
      row.value.fill('y')
      assert.equal(await text(state, 'k'), 'mine')
    })

    test('values from empty to megabytes, keys of any length and script', async () => {
      await using state = await underTest.open()
      const long = 'k'.repeat(65_535)
      const rows: Readonly<Record<string, string>> = {
        empty: '',
        big: 'B'.repeat(3 << 20),
        ключ: 'cyrillic',
        '😀/key': 'astral',
        [long]: 'long',
        [`${long.slice(1)}x`]: 'other long',
      }
      await state.write(Object.entries(rows).map(([key, value]) => put(key, value)))
      for (const [key, value] of Object.entries(rows)) {
        assert.ok((await text(state, key)) === value, `row ${key.slice(0, 20)}`)
      }
      assert.deepEqual((await scanned(state, 't')).map((row) => row.key).sort(), Object.keys(rows).sort())
    })

    test('a scan gives one table, in the order of the keys’ bytes, from a key on', async () => {
      await using state = await underTest.open()
      const keys = ['', '!', 'a', 'a/b', 'aa', 'b', 'é', '\uffff', '😀']
      await state.write([...keys].reverse().map((key) => put(key, `value of ${key}`)))
      await state.write(['s', 'tt', 't!', ''].map((table) => ({ table, key: 'a', value: Buffer.from('elsewhere') })))
      const all = await scanned(state, 't')
      assert.deepEqual(
        all.map((row) => row.key),
        keys,
      )
      assert.ok(all.every((row) => row.value.toString() === `value of ${row.key}` && row.revision > 0))
      assert.deepEqual(await scanned(state, 't', 'aa'), all.slice(4))
      assert.deepEqual(await scanned(state, 't', 'ab'), all.slice(5))
      assert.deepEqual(await scanned(state, 't', '😁'), [])
      assert.deepEqual(await scanned(state, 'nothing'), [])
    })

    test('a scan and writes go side by side', async () => {
      await using state = await underTest.open()
      const key = (index: number) => `${index}`.padStart(5, '0')
      const count = 3000
      await state.write(Array.from({ length: count }, (_, index) => put(key(index), 'old')))
      const seen: string[] = []
      for await (const row of state.scan('t')) {
        seen.push(row.key)
        if (seen.length === 100) await state.write([put(key(count - 1), 'new'), remove(key(count - 2)), put('~', '')])
        if (row.key === key(count - 1)) assert.equal(row.value.toString(), 'new')
      }
      const standing = seen.filter((found) => found !== key(count - 2) && found !== '~')
      assert.deepEqual(
        standing,
        Array.from({ length: count }, (_, index) => key(index)).filter((found) => found !== key(count - 2)),
      )
    })

    test('closed it rejects with STATE_FAILED, and what was written before is applied', async () => {
      const state = await underTest.open()
      const written = state.write([put('k', 'one')])
      await state[Symbol.asyncDispose]()
      assert.equal(await written, 'applied')
      await state[Symbol.asyncDispose]()
      await assert.rejects(state.get('t', 'k'), { code: 'STATE_FAILED' })
      await assert.rejects(state.write([put('k', 'two')]), { code: 'STATE_FAILED' })
      await assert.rejects(scanned(state, 't'), { code: 'STATE_FAILED' })
    })

    const { reopen } = underTest
    if (reopen !== undefined) {
      test('opened again it has the same rows and revisions, and goes on above them', async () => {
        const before = await underTest.open()
        await before.write(Array.from({ length: 100 }, (_, index) => put(`k${index}`, `${index}`)))
        await before.write([put('gone', '')])
        const revisionOfGone = await revision(before, 'gone')
        await before.write([remove('gone'), remove('k1')])
        const rows = await scanned(before, 't')
        await before[Symbol.asyncDispose]()
        await using after = await reopen(before)
        assert.deepEqual(await scanned(after, 't'), rows)
        await after.write([put('gone', '', 0)])
        assert.ok((await revision(after, 'gone')) > revisionOfGone)
      })
    }

    stateHistoryCases(underTest, test)
  })
}
