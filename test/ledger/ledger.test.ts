/** The loss ledger, shortened: the whole matrix in turn on one set of servers. `npm run ledger` takes its time. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { milliseconds } from '@hawser/std'
import { inTurn, matrix } from './matrix.ts'
import { runCase } from './run-case.ts'
import { ledgerSkipReason, startServers } from './servers.ts'

const options = { outageMs: milliseconds(1_000), rounds: 2, rate: 500, seed: 7 }
const memoryMegabytesMax = 700

it('what was acknowledged is in Kafka, in PostgreSQL once, and at the other broker, whatever goes wrong', {
  skip: ledgerSkipReason() || matrix.map(({ skip }) => skip?.() ?? false).find((reason) => reason !== false),
  timeout: 180_000,
}, async () => {
  await using stack = new AsyncDisposableStack()
  const report = await runCase(inTurn('all', matrix), await startServers(stack), options)
  assert.deepEqual(report.faults, [])
  assert.ok(report.acknowledged > options.rate, 'there was load')
  assert.ok(report.memoryMegabytesMax < memoryMegabytesMax, `${report.memoryMegabytesMax} MB`)
})
