/** Damage in LMDB's file: never read as data, and the other rows are served. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { open } from 'lmdb'
import { openLocalState } from './local-state.ts'

const rows = ['a', 'b', 'c'].map((key) => ({ table: 'session', key, value: Buffer.from(`the row of ${key}`) }))

async function flipIn(folder: string, text: string): Promise<void> {
  const path = join(folder, 'state', 'data.mdb')
  const bytes = await readFile(path)
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) bytes[at] = (bytes[at] ?? 0) ^ 0x01
  await writeFile(path, bytes)
}

describe('a damaged row', () => {
  it('is refused by name, passed over and told by a scan, and written anew', async () => {
    await using folder = await temporaryFolder()
    {
      await using state = await openLocalState({ folder: folder.path })
      await state.write(rows)
    }
    await flipIn(folder.path, 'the row of b')
    const told: string[] = []
    await using state = await openLocalState({ folder: folder.path, onDamage: (error) => told.push(error.message) })
    await assert.rejects(state.get('session', 'b'), { code: 'DATA_CORRUPT', message: /session b/ })
    assert.equal((await state.get('session', 'a'))?.value.toString(), 'the row of a')
    const keys = []
    for await (const { key } of state.scan('session')) keys.push(key)
    assert.deepEqual(keys, ['a', 'c'])
    const message = 'the row "session b" of the state is damaged'
    assert.deepEqual(told, [message, message])
    await state.write([{ table: 'session', key: 'b', value: Buffer.from('another') }])
    assert.equal((await state.get('session', 'b'))?.value.toString(), 'another')
  })

  it('rows of older versions, which nothing proves, are read and proved once they change', async () => {
    await using folder = await temporaryFolder()
    await (await openLocalState({ folder: folder.path }))[Symbol.asyncDispose]()
    const old = Buffer.alloc(10)
    old.writeDoubleLE(7, 0)
    const database = open<Buffer, Buffer>({
      path: join(folder.path, 'state'),
      encoding: 'binary',
      keyEncoding: 'binary',
    })
    await database.put(Buffer.from('session\0a'), Buffer.concat([old, Buffer.from('an old row')]))
    await database.close()
    await using state = await openLocalState({ folder: folder.path })
    const row = await state.get('session', 'a')
    assert.deepEqual([row?.value.toString(), row?.revision], ['an old row', 7])
    const change = { table: 'session', key: 'a', value: Buffer.from('a new row') }
    assert.equal(await state.write([{ ...change, expected: 6 }]), 'conflict')
    assert.equal(await state.write([{ ...change, expected: 7 }]), 'applied')
    assert.equal((await state.get('session', 'a'))?.value.toString(), 'a new row')
  })
})
