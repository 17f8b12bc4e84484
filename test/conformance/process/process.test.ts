/** The cases on a broker as a user runs it: a process of its own, whose log commits to disk while clients go on. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { startHawser } from '../../support/hawser-process.ts'
import { suiteProcess } from '../suite-process.ts'

it('`hawser broker` with its log on disk fails no case', async () => {
  await using folder = await temporaryFolder()
  await using hawser = await startHawser({ dataDir: folder.path })
  const results = await suiteProcess({
    target: `127.0.0.1:${hawser.port}`,
    webSocketTarget: `127.0.0.1:${hawser.webSocketPort}`,
  })
  assert.deepEqual(
    results.filter(({ outcome }) => outcome === 'failed'),
    [],
  )
  assert.ok(results.filter(({ outcome }) => outcome === 'passed').length > 300)
})
