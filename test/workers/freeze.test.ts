/** One of three processes on a data folder is frozen under load: for long, and the others end it, or for a while. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { milliseconds, seededRandom, sleep, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { startHawser } from '../support/hawser-process.ts'
import { openLedger } from './ledger.ts'
import { mortalNodes } from './mortal-nodes.ts'
import { folderHome } from './start-node.ts'

const frozenMs = milliseconds(30_000)
/** Less than a process may be silent. */
const whileMs = milliseconds(3_000)

it('a process that would be frozen for 30 s is dead before: nothing acknowledged is lost, QoS 2 is exactly once', {
  timeout: 240_000,
}, async (test) => {
  await using folder = await temporaryFolder()
  await using started = new AsyncDisposableStack()
  const start = async (ports = {}) =>
    started.use(await startHawser({ dataDir: `${folder.path}/data`, command: 'node', ...ports }))
  const nodes = await Promise.all([start(), start(), start()])
  const [frozen, ...others] = nodes
  await using ledger = await openLedger(nodes.map(({ port }) => port))
  const sinceMs = systemClock.monotonicMs()
  const thaw = systemClock.after(frozenMs, () => process.kill(frozen.pid, 'SIGCONT'))
  const { signal } = await frozen.end('SIGSTOP')
  thaw[Symbol.dispose]()
  assert.equal(signal, 'SIGKILL')
  await Promise.any(others.map(({ prints }) => prints(new RegExp(`process ${frozen.pid} showed no sign of life`))))
  test.diagnostic(`killed after ${Math.round(systemClock.monotonicMs() - sinceMs)} ms`)
  const next = await start({ port: frozen.port, webSocketPort: frozen.webSocketPort })
  const { acknowledged } = await ledger.close()
  for (const node of [next, ...others]) assert.equal((await node.end('SIGTERM')).code, 0)
  test.diagnostic(`${acknowledged} messages acknowledged`)
  assert.ok(acknowledged > 0, 'there was load')
})

it('a process that is frozen for a while goes on: nobody ends it, and nothing acknowledged is lost', {
  timeout: 240_000,
}, async (test) => {
  await using home = await folderHome()
  await using nodes = await mortalNodes(home, 3)
  await using ledger = await openLedger(nodes.ports)
  const random = seededRandom(1)
  for (const pid of nodes.pids()) {
    process.kill(pid, 'SIGSTOP')
    ledger.unsettle(random)
    await sleep(systemClock, whileMs)
    process.kill(pid, 'SIGCONT')
  }
  const { acknowledged } = await ledger.close()
  await nodes.end()
  test.diagnostic(`${acknowledged} messages acknowledged`)
  assert.ok(acknowledged > 0, 'there was load')
})
