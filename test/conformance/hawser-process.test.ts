/** The same cases on `hawser broker` as a user runs it: a process of its own, with its log and state on disk. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { startHawser } from '../support/hawser-process.ts'
import { suiteProcess } from './suite-process.ts'

it('a hawser broker with its data on disk passes every case that asks for no other configuration', async () => {
  await using folder = await temporaryFolder()
  await using hawser = await startHawser({ dataDir: `${folder.path}/data` })
  const results = await suiteProcess({
    target: `127.0.0.1:${hawser.port}`,
    webSocketTarget: `127.0.0.1:${hawser.webSocketPort}`,
  })
  const titles = (wanted: string): string[] =>
    results.flatMap(({ title, outcome, why }) => (outcome === wanted ? [`${title}: ${why}`] : []))
  assert.deepEqual(titles('failed'), [])
  assert.ok(titles('passed').length > titles('skipped').length)
})
