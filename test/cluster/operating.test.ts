/** What an operator sees of a cluster, by the commands that there are for it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import mqtt from 'mqtt'
import { startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { natsSkipReason } from '../servers/nats.ts'
import type { HawserProcess } from '../support/hawser-process.ts'
import { clusterHome } from '../workers/start-node.ts'

describe('operating a cluster', { skip: natsSkipReason() }, () => {
  it('status, watch and session tell of all nodes, whichever is asked', { timeout: 120_000 }, async () => {
    await using home = await clusterHome()
    await using stack = new AsyncDisposableStack()
    const [asked, other] = await Promise.all([home.start({ watched: true }), home.start()])
    for (const node of [asked, other]) stack.use(node)
    const hawser = (...args: string[]) => stack.use(startHawser([...args, ...(asked.adminFlags ?? [])]))

    const client = mqtt.connect(`mqtt://127.0.0.1:${other.port}`, { clientId: 'pump-7', reconnectPeriod: 0 })
    stack.defer(() => client.endAsync(true))
    await new Promise<void>((resolve) => client.once('connect', () => resolve()))

    const status = await hawser('cluster', 'status').ended
    assert.equal(status.code, 0, status.stderr)
    assert.match(status.stdout, /^2 nodes, durability quorum, well\n/)
    for (const { port } of [asked, other]) assert.match(status.stdout, new RegExp(`mqtt://[^ ]+:${port}`))

    const shown = await hawser('session', 'show', 'pump-7', '--json').ended
    assert.equal(shown.code, 0, shown.stderr)
    assert.equal(JSON.parse(shown.stdout).connected, true)
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
    assert.equal((await hawser('session', 'kick', 'pump-7').ended).code, 0)
    await closed
    assert.equal((await hawser('session', 'show', 'pump-7').ended).code, 8)

    const watch = hawser('cluster', 'watch')
    await watch.prints(/is there.*\n.*is there/)
    await ended(other)
    await watch.prints(/is gone/)
    watch.kill('SIGTERM')
    assert.equal((await watch.ended).code, 0)
  })
})

const ended = async (node: HawserProcess): Promise<void> => {
  assert.equal((await node.end('SIGTERM')).code, 0)
}
