/** What an operator sees of a cluster, by the commands that there are for it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemClock } from '@hawser/std'
import mqtt, { type MqttClient } from 'mqtt'
import { startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { natsSkipReason } from '../servers/nats.ts'
import type { HawserProcess } from '../support/hawser-process.ts'
import { connectMoving } from '../workers/moving-clients.ts'
import { clusterHome } from '../workers/start-node.ts'

const clientCount = 60
/** Clients a second. */
const drainRate = 20

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

  it('a node is drained: its clients go at a pace and are served elsewhere, it ends', {
    timeout: 120_000,
  }, async (test) => {
    await using home = await clusterHome()
    await using stack = new AsyncDisposableStack()
    const [drained, other] = await Promise.all([home.start({ watched: true }), home.start()])
    for (const node of [drained, other]) stack.use(node)
    const ports = [drained.port, other.port]
    const clients = Array.from({ length: clientCount }, (_, index) => connectMoving(ports, `mover-${index}`))
    for (const client of clients) stack.defer(() => client.endAsync(true))
    const elsewhere = Promise.all(clients.map((client) => connectedAt(client, other.port)))
    await Promise.all(clients.map((client) => connectedAt(client, drained.port)))
    const sinceMs = systemClock.monotonicMs()
    const rate = ['--rate', String(drainRate), ...(drained.adminFlags ?? [])]
    const command = await stack.use(startHawser(['node', 'drain', ...rate])).ended
    assert.equal(command.code, 0, command.stderr)
    assert.equal((await drained.end('SIGTERM')).code, 0)
    await elsewhere
    const tookMs = systemClock.monotonicMs() - sinceMs
    test.diagnostic(`${clientCount} clients in ${Math.round(tookMs)} ms`)
    assert.ok(tookMs > ((clientCount - drainRate) / drainRate) * 1000, 'it keeps to its pace')
  })
})

const connectedAt = (client: MqttClient, port: number): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (client.connected && client.options.port === port) resolve()
    }
    client.on('connect', look)
    look()
  })

const ended = async (node: HawserProcess): Promise<void> => {
  assert.equal((await node.end('SIGTERM')).code, 0)
}
