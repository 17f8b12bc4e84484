/**
 * Nodes are killed with SIGKILL at random instants, one of three or all at once, while publishers and durable subscribers
 * at QoS 1 and 2 go from node to node. HAWSER_KILLS sets another number of rounds.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { milliseconds, type Random, seededRandom, sleep, systemClock } from '@hawser/std'
import { openLedger } from './ledger.ts'
import { mortalNodes } from './mortal-nodes.ts'
import type { NodeHome } from './start-node.ts'

const rounds = Number(process.env['HAWSER_KILLS'] ?? 6)
const nodeCount = 3
const upMsMax = 700
/** A start on a busy machine takes seconds, and each round waits for one. */
const roundMsMax = 30_000

const killings: Record<string, (random: Random) => readonly number[]> = {
  [`one of ${nodeCount} processes`]: (random) => [random.integer(nodeCount)],
  [`all ${nodeCount} processes at once`]: () => [...Array(nodeCount).keys()],
}

export function killCases(home: () => Promise<NodeHome>): void {
  for (const [who, victimsOf] of Object.entries(killings)) {
    it(`SIGKILL of ${who}, ${rounds} times: nothing acknowledged is lost, QoS 2 is exactly once, order stays`, {
      timeout: 120_000 + rounds * roundMsMax,
    }, async (test) => {
      await using kept = await home()
      await using nodes = await mortalNodes(kept, nodeCount)
      const random = seededRandom(20_261_126)
      await using ledger = await openLedger(nodes.ports)
      for (let round = 0; round < rounds; round++) {
        await sleep(systemClock, milliseconds(random.integer(upMsMax)))
        ledger.unsettle(random)
        await nodes.kill(victimsOf(random))
      }
      const { acknowledged } = await ledger.close()
      await nodes.end()
      test.diagnostic(`${rounds} rounds, ${acknowledged} messages acknowledged`)
      assert.ok(acknowledged > rounds, 'there was load')
    })
  }
}
