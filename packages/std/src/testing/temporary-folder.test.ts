import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { temporaryFolder } from './temporary-folder.ts'

it('a temporary folder is one’s own, and gone with all in it', async () => {
  const paths: string[] = []
  {
    await using one = await temporaryFolder()
    await using other = await temporaryFolder()
    assert.notEqual(one.path, other.path)
    await mkdir(join(one.path, 'deep'))
    await writeFile(join(one.path, 'deep', 'file'), '')
    paths.push(one.path, other.path)
  }
  assert.deepEqual(paths.map(existsSync), [false, false])
})
