/** `hawser chaos` on NATS servers that it starts: what of them can be broken is broken, and mended. */
import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { describe, it } from 'node:test'
import { natsSkipReason } from '../servers/nats.ts'
import { startChaos } from './run-chaos.ts'

const binary = resolve(import.meta.dirname, '../../.cache/peers/nats-server')
const faults = ['kill', 'engine', 'engine-split', 'partition']

describe('hawser chaos on NATS servers', { skip: natsSkipReason() }, () => {
  it('kills a node and a server and cuts each off, and the books are even', { timeout: 400_000 }, async () => {
    await using run = await startChaos(async () => {
      const matrix = ['--fault', faults.join(','), '--form', 'qos1,qos2,will', '--rounds', '1']
      return ['--nats-server', binary, '--nodes', '2', ...matrix, '--rate', '200', '--seed', '1']
    })
    const { ended, summary } = await run.result()
    assert.equal(ended.code, 0, ended.stdout + ended.stderr)
    assert.deepEqual([...new Set(summary.cases.map(({ fault }) => fault))], faults)
    assert.equal(
      summary.cases.every(({ evenRounds }) => evenRounds === 1),
      true,
    )
  })
})
