/** A node is frozen under load until the others have taken over; thawed, it finds itself fenced, and ends. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemClock } from '@hawser/std'
import { natsSkipReason } from '../servers/nats.ts'
import { openLedger } from '../workers/ledger.ts'
import { clusterHome } from '../workers/start-node.ts'

const fencedExitCode = 11

describe('a frozen node', { skip: natsSkipReason() }, () => {
  it('does no harm when it thaws: nothing acknowledged is lost, QoS 2 is exactly once, and it ends', {
    timeout: 240_000,
  }, async (test) => {
    await using home = await clusterHome()
    await using started = new AsyncDisposableStack()
    const start = async (ports = {}) => started.use(await home.start(ports))
    const [frozen, other] = await Promise.all([start(), start()])
    await using ledger = await openLedger([frozen.port, other.port], 'ledger', { patienceSeconds: 4 })
    process.kill(frozen.pid, 'SIGSTOP')
    const sinceMs = systemClock.monotonicMs()
    await ledger.allAt(other.port)
    test.diagnostic(`all clients were served elsewhere after ${Math.round(systemClock.monotonicMs() - sinceMs)} ms`)
    const { code } = await frozen.end('SIGCONT')
    assert.equal(code, fencedExitCode)
    await frozen.prints(/have taken over what this one had/)
    const next = await start({ port: frozen.port, webSocketPort: frozen.webSocketPort })
    const { acknowledged } = await ledger.close()
    for (const node of [next, other]) assert.equal((await node.end('SIGTERM')).code, 0)
    test.diagnostic(`${acknowledged} messages acknowledged`)
    assert.ok(acknowledged > 0, 'there was load')
  })
})
