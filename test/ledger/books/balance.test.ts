/** The books of the ledger tell each thing that may go wrong. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Balance, balance } from './balance.ts'
import { Book, type Entry } from './book.ts'

const acknowledged = [0, 1, 2, 3].map((number) => ({ machine: number % 2, number: number >> 1 }))
const load = {
  machines: 2,
  *acknowledged() {
    yield* acknowledged
  },
}
const log: readonly Entry[] = acknowledged.map((message, position) => ({ partition: 1, position, ...message }))
const ofBridge = log.filter(({ machine }) => machine === 0)

function books(kafka: readonly Entry[], postgres = log, bridge = ofBridge): Balance {
  const [toKafka, toPostgres, toBridge] = [new Book('Kafka', 2), new Book('PostgreSQL', 2), new Book('bridge', 2)]
  for (const entry of kafka) toKafka.take(entry)
  for (const entry of postgres) toPostgres.take(entry)
  for (const entry of bridge) toBridge.take(entry)
  return balance(load, { kafka: toKafka, postgres: toPostgres, bridge: toBridge, bridged: new Set([0]) })
}

const [first, second, third, fourth] = log as [Entry, Entry, Entry, Entry]

describe('the books of the loss ledger', () => {
  it('are even where each record is there, and some twice under their event id', () => {
    const { faults, ...counts } = books([first, second, third, first, second, third, fourth])
    assert.deepEqual(counts, { acknowledged: 4, records: 4, rows: 4, duplicates: 3 })
    assert.deepEqual(faults, [])
  })

  const uneven: Readonly<Record<string, readonly [Balance, RegExp]>> = {
    'a record that Kafka does not have': [books(log.slice(1)), /^1 acknowledged publishes are not in Kafka/],
    'a record that PostgreSQL does not have': [
      books(log, log.slice(1)),
      /^1 acknowledged publishes are not in Postgre/,
    ],
    'a record that the other broker does not have': [
      books(log, log, []),
      /^2 acknowledged publishes are not in bridge/,
    ],
    'a row twice': [books(log, [...log, first]), /^1 rows are twice/],
    'an order of a machine that is another': [books([third, second, first, fourth]), /^Kafka: 1\/0 comes late/],
    'an event id of two messages': [books([...log, { ...fourth, position: 0 }]), /^Kafka: 1\/0 names two/],
    'a record of Kafka that is no row': [
      books([...log, { ...first, position: 9, number: 9 }]),
      /^1 records of Kafka are not in PostgreSQL/,
    ],
    'a row of another message than in Kafka': [
      books(log, [...log.slice(0, 3), { ...fourth, number: 7 }]),
      /^1 acknowledged publishes are not in PostgreSQL/,
    ],
  }
  for (const [what, [{ faults }, expected]] of Object.entries(uneven)) {
    it(`tell of ${what}`, () => assert.match(faults[0] ?? 'even', expected))
  }
})
