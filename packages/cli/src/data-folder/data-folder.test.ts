import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { commitAll, publishRecord, readOwn } from '@hawser/engine/contract'
import { openLocalEngine } from '@hawser/engine-local'
import { seededRandom, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { runHawser } from '../main.ts'
import { capture } from '../testing/capture.ts'

const open = (folder: string) => openLocalEngine({ folder, clock: systemClock, random: seededRandom(1) })

async function hawser(...args: readonly string[]) {
  const captured = capture()
  const code = await runHawser([...args], captured.io)
  return { code, stdout: captured.stdout(), stderr: captured.stderr() }
}

describe('hawser backup, restore and log', () => {
  it('a folder in use is backed up and verified, and brought back elsewhere', async () => {
    await using parent = await temporaryFolder()
    const [data, backup, again] = ['data', 'backup', 'again'].map((name) => join(parent.path, name)) as [
      string,
      string,
      string,
    ]
    {
      await using engine = await open(data)
      await commitAll(engine.log, [publishRecord('t', 'kept')])
      const verified = await hawser('log', 'verify', '--data-dir', data)
      assert.deepEqual([verified.code, verified.stderr], [0, ''])
      assert.match(verified.stdout, /whole: 1 records in 1 segments/)
      assert.equal((await hawser('backup', '--to', backup, '--data-dir', data)).code, 0)
      // In use: nothing is written over it.
      assert.equal((await hawser('restore', '--from', backup, '--data-dir', data)).code, 5)
    }
    const restored = await hawser('restore', '--from', backup, '--data-dir', again, '--json')
    assert.equal(restored.code, 0, restored.stderr)
    assert.equal(JSON.parse(restored.stdout).lanes, 1)
    await using engine = await open(again)
    assert.deepEqual(
      (await readOwn(engine.log)).map(({ body }) => body),
      ['kept'],
    )
  })

  it('damage is named by file and offset, and the exit code says so', async () => {
    await using folder = await temporaryFolder()
    {
      await using engine = await open(folder.path)
      await commitAll(engine.log, [publishRecord('t', 'a record that is damaged')])
    }
    const lane = join(folder.path, 'log', 'lane-00000')
    const segment = join(lane, (await readdir(lane)).find((name) => name.endsWith('.log')) ?? '')
    const bytes = await readFile(segment)
    bytes[bytes.indexOf('damaged')] = 0
    await writeFile(segment, bytes)
    const verified = await hawser('log', 'verify', '--data-dir', folder.path)
    assert.equal(verified.code, 1)
    assert.ok(verified.stdout.startsWith(`${segment}: offset 64: positions 0 to 0 cannot be read`), verified.stdout)
    const inspected = await hawser('log', 'inspect', '--data-dir', folder.path)
    assert.equal(inspected.code, 0)
    assert.match(inspected.stdout, /^lane 0: positions 0 to 1/m)
  })

  it('what is no data folder is told in one line with its mend', async () => {
    await using folder = await temporaryFolder()
    for (const args of [
      ['log', 'verify'],
      ['log', 'inspect'],
      ['backup', '--to', join(folder.path, 'b')],
    ]) {
      const answer = await hawser(...args, '--data-dir', join(folder.path, 'none'))
      assert.equal(answer.code, 5)
      assert.match(answer.stderr, /is no data folder: it has no file VERSION; name the folder/)
    }
    assert.equal((await hawser('log', 'mend')).code, 2)
    assert.equal((await hawser('backup')).code, 2)
    assert.equal((await hawser('restore')).code, 2)
  })
})
