import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { StateChange } from '@hawser/engine'
import { type Random, seededRandom } from '@hawser/std'
import { encodeBatch, encodeProposals, encodeWrite } from './proposal.ts'
import { SnapshotReader, snapshotOf } from './snapshot.ts'
import { StateMachine } from './state-machine.ts'

const seeds = 20
const rowsAtFirst = 4000
const valueBytes = 400

const plain = (machine: StateMachine) => ({
  revision: machine.revision,
  writers: JSON.stringify([...machine.writers]),
  tables: [...machine.tables]
    .sort()
    .flatMap(([name, table]) =>
      Array.from(table.entriesFrom(''), ([key, { value, revision }]) => `${name} ${key} ${value} ${revision}`),
    ),
})

/** Messages of some writers, one of which is in the middle of a batch of many parts. */
class Writers {
  readonly #random: Random
  readonly #numbers = [0, 0, 0]

  constructor(random: Random) {
    this.#random = random
  }

  messages(count: number, partBytesMax = 1 << 20): Buffer[] {
    const writer = this.#random.integer(this.#numbers.length)
    const changes: StateChange[] = Array.from({ length: count }, () => ({
      table: `t${this.#random.integer(3)}`,
      key: String(this.#random.integer(rowsAtFirst)),
      value: this.#random.integer(4) === 0 ? null : Buffer.alloc(valueBytes, String(this.#random.integer(10))),
    }))
    this.#numbers[writer] = (this.#numbers[writer] ?? 0) + 1
    const batch = encodeBatch([encodeWrite(changes)])
    return encodeProposals(`writer${writer}`, this.#numbers[writer] ?? 0, batch, partBytesMax)
  }
}

describe('snapshot of the state', () => {
  it('holds what had been applied when it began, whatever is applied meanwhile', async () => {
    for (let seed = 0; seed < seeds; seed++) {
      const random = seededRandom(seed)
      const writers = new Writers(random)
      const [machine, restored] = [new StateMachine(), new StateMachine()]
      for (const message of writers.messages(rowsAtFirst * 2)) machine.apply(message)
      const [begun = Buffer.alloc(0), ...rest] = writers.messages(10, 1000)
      machine.apply(begun)
      const expected = plain(machine)
      const reader = new SnapshotReader(restored)
      restored.revision = machine.revision
      let parts = 0
      for await (const part of snapshotOf(machine)) {
        parts++
        assert.ok(reader.push(part))
        for (const message of parts === 1 ? rest : writers.messages(200)) machine.apply(message)
      }
      assert.ok(parts > 1)
      assert.deepEqual(plain(restored), expected, `seed ${seed}`)
      assert.notDeepEqual(plain(machine), expected)
    }
  })
})
