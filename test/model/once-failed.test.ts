/** Seeds that have shown a fault of the broker once, by what it was. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HistoryOptions } from './history.ts'
import { runSeed } from './run.ts'

interface OnceFailed extends HistoryOptions {
  readonly seed: number
  readonly what: string
}

const onceFailed: readonly OnceFailed[] = [
  { seed: 413, nodes: 3, servers: true, what: 'a subscription that a checkpoint has missed' },
  { seed: 100_966, what: 'a horizon of a process that died as it started' },
  { seed: 102_725, what: 'a session of a process that has said goodbye' },
  { seed: 104_263, what: 'the row of a new session, taken for that of an ended one' },
  { seed: 54_935, servers: true, what: 'a will acted upon while a lane is not read' },
  { seed: 636, nodes: 3, shared: true, what: 'a will that another process claims' },
  { seed: 236, nodes: 2, shared: true, what: 'a group born where it was heard of' },
  { seed: 256, nodes: 2, shared: true, what: 'a message that nobody was there to take' },
  { seed: 300, nodes: 3, shared: true, what: 'a group moved by the horizon of another life' },
  { seed: 434, nodes: 3, shared: true, what: 'a message given back after its partition changed hands' },
  { seed: 300_878, shared: true, what: 'the lane of a frozen process, handed out by another' },
  { seed: 305_997, shared: true, what: 'a share that was assigned and in no row' },
  { seed: 307_007, shared: true, what: 'a group forgotten while a lane is not read' },
  { seed: 322_067, shared: true, what: 'a share in the room that a catch-up had waited for' },
]

describe('the model, where it once failed', () => {
  for (const { seed, what, ...options } of onceFailed) {
    it(`seed ${seed}: ${what}`, async () => assert.deepEqual(await runSeed(seed, options), []))
  }
})
