/**
 * One of three processes on a data folder is killed with SIGKILL at random instants, while publishers and durable
 * subscribers at QoS 1 and 2 go from process to process. HAWSER_KILLS sets another number of rounds.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { milliseconds, seededRandom, sleep, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { type HawserProcess, startHawser } from '../support/hawser-process.ts'
import { compare, openLedger } from './ledger.ts'

const kills = Number(process.env['HAWSER_KILLS'] ?? 6)
const nodeCount = 3
const upMsMax = 700
/** A start on a busy machine takes seconds, and each round waits for one. */
const roundMsMax = 30_000

it(`SIGKILL of one of ${nodeCount} processes, ${kills} times: nothing acknowledged is lost, QoS 2 is exactly once, order stays`, {
  timeout: 120_000 + kills * roundMsMax,
}, async (test) => {
  await using folder = await temporaryFolder()
  const dataDir = `${folder.path}/data`
  const random = seededRandom(20_261_126)
  await using started = new AsyncDisposableStack()
  const start = async (ports = {}): Promise<HawserProcess> =>
    started.use(await startHawser({ dataDir, ...ports, command: 'node' }))
  const nodes = await Promise.all(Array.from({ length: nodeCount }, () => start()))
  const ports = nodes.map(({ port }) => port)
  await using ledger = await openLedger(ports)
  for (let kill = 0; kill < kills; kill++) {
    await sleep(systemClock, milliseconds(random.integer(upMsMax)))
    ledger.unsettle(random)
    const at = random.integer(nodeCount)
    const victim = nodes[at] ?? assert.fail()
    assert.equal((await victim.end('SIGKILL')).signal, 'SIGKILL')
    nodes[at] = await start({ port: victim.port, webSocketPort: victim.webSocketPort })
  }
  const { acknowledged } = await ledger.close()
  for (const node of nodes) assert.equal((await node.end('SIGTERM')).code, 0)
  test.diagnostic(`${kills} kills, ${acknowledged} messages acknowledged`)
  assert.ok(acknowledged > kills, 'there was load')
})

describe('the books', () => {
  const book = { acknowledged: [0, 1, 3], unknown: new Set([2]) }
  it('are even', () => {
    compare(book, [0, 1, 3], 2)
    compare(book, [0, 1, 2, 3], 2)
    compare(book, [0, 1, 0, 1, 3], 1)
  })
  for (const [what, received] of [
    ['a loss', [0, 3]],
    ['a second delivery', [0, 1, 1, 3]],
    ['another order', [1, 0, 3]],
    ['what nobody published', [0, 1, 3, 4]],
  ] as const) {
    it(`show ${what}`, () => assert.throws(() => compare(book, received, 2), assert.AssertionError))
  }
})
