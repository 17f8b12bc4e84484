import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { temporaryFolder } from '@hawser/std/testing'
import { openLocalState } from './local-state.ts'
import { countsPerProcess } from './testing/child.ts'

const childPath = fileURLToPath(new URL('./testing/child.ts', import.meta.url))
const processes = 3
const counted = async (state: Awaited<ReturnType<typeof openLocalState>>) =>
  Number((await state.get('counters', 'shared'))?.value.toString() ?? '0')

it(`${processes} processes that count one row up lose no count`, async () => {
  await using folder = await temporaryFolder()
  await using state = await openLocalState({ folder: folder.path })
  const child = () => promisify(execFile)(process.execPath, [childPath, 'counter', folder.path])
  await Promise.all(Array.from({ length: processes }, child))
  assert.equal(await counted(state), processes * countsPerProcess)
})

it('what another process has written is seen within the turn', async () => {
  await using folder = await temporaryFolder()
  await using state = await openLocalState({ folder: folder.path })
  const before = counted(state)
  execFileSync(process.execPath, [childPath, 'counter', folder.path])
  const after = counted(state)
  assert.deepEqual([await before, await after], [0, countsPerProcess])
})
