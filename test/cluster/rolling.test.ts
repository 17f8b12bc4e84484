/** A rolling upgrade as docs/cluster.md tells it: under load each node is stopped in order, and started again. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { milliseconds, sleep, systemClock } from '@hawser/std'
import { natsSkipReason } from '../servers/nats.ts'
import { openLedger } from '../workers/ledger.ts'
import { mortalNodes } from '../workers/mortal-nodes.ts'
import { clusterHome } from '../workers/start-node.ts'

const nodeCount = 3
const loadMs = milliseconds(500)

describe('a rolling upgrade', { skip: natsSkipReason() }, () => {
  it('loses nothing, doubles nothing at QoS 2, and keeps the order', { timeout: 240_000 }, async (test) => {
    await using home = await clusterHome()
    await using nodes = await mortalNodes(home, nodeCount)
    await using ledger = await openLedger(nodes.ports)
    for (let at = 0; at < nodeCount; at++) {
      await sleep(systemClock, loadMs)
      await nodes.restart(at)
    }
    const { acknowledged, longestSilenceMs } = await ledger.close()
    await nodes.end()
    test.diagnostic(`${acknowledged} messages acknowledged, none for ${Math.round(longestSilenceMs)} ms at most`)
    assert.ok(acknowledged > nodeCount, 'there was load')
  })
})
