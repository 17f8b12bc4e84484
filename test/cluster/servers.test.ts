/**
 * What nodes stand on is broken under load: servers are killed one by one and all at once, put into lame duck, frozen.
 * The clients keep the books; each diagnostic says for how long nothing was acknowledged.
 */
import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { milliseconds, sleep, systemClock } from '@hawser/std'
import { type NatsServer, natsSkipReason } from '../servers/nats.ts'
import { openLedger } from '../workers/ledger.ts'
import { mortalNodes } from '../workers/mortal-nodes.ts'
import { type ClusterHome, clusterHome } from '../workers/start-node.ts'

const nodeCount = 2
/** Load before and behind each fault. */
const loadMs = milliseconds(1_000)
const frozenMs = milliseconds(8_000)
const timeout = 240_000

/** Breaks something, and resolves once it is whole again. */
type Fault = (home: ClusterHome) => Promise<void>

async function evenUnder(test: TestContext, fault: Fault): Promise<void> {
  await using home = await clusterHome()
  await using nodes = await mortalNodes(home, nodeCount)
  await using ledger = await openLedger(nodes.ports)
  await sleep(systemClock, loadMs)
  await fault(home)
  await sleep(systemClock, loadMs)
  const { acknowledged, longestSilenceMs } = await ledger.close()
  await nodes.end()
  test.diagnostic(`${acknowledged} messages acknowledged, none for ${Math.round(longestSilenceMs)} ms at most`)
  assert.ok(acknowledged > 0, 'there was load')
}

async function restart(server: NatsServer): Promise<void> {
  await server.kill()
  await sleep(systemClock, loadMs)
  await server.start()
}

describe('servers under nodes', { skip: natsSkipReason() }, () => {
  it('each is killed in turn, the one that leads among them', { timeout }, (test) =>
    evenUnder(test, async ({ servers }) => {
      for (const server of servers.servers) {
        await restart(server)
        await sleep(systemClock, loadMs)
      }
    }),
  )

  it('all are killed at once, and start again', { timeout }, (test) =>
    evenUnder(test, async ({ servers }) => {
      await Promise.all(servers.servers.map(restart))
    }),
  )

  it('two of three are away: there is no quorum', { timeout }, (test) =>
    evenUnder(test, async ({ servers }) => {
      await Promise.all(servers.servers.slice(1).map(restart))
    }),
  )

  it('one is frozen for a while', { timeout }, (test) =>
    evenUnder(test, async ({ servers }) => {
      const [server] = servers.servers
      server?.signal('SIGSTOP')
      await sleep(systemClock, frozenMs)
      server?.signal('SIGCONT')
    }),
  )
})
