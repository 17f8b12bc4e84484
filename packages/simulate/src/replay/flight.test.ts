import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from '@hawser/std'
import { Flight, packetIdOf } from './flight.ts'

const begun = (rows: number, from = { completed: 0, received: 0 }): Flight => {
  const flight = new Flight(from)
  for (let row = from.completed; row < rows; row++) flight.add(`${row}`)
  return flight
}

const takeAll = (flight: Flight): readonly number[] => {
  const rows: number[] = []
  for (let taken = flight.takeUnsent(); taken !== undefined; taken = flight.takeUnsent()) rows.push(taken.row)
  return rows
}

describe('flight', () => {
  it('gives rows in order, and moves its position only without gaps', () => {
    const flight = begun(4)
    assert.deepEqual(takeAll(flight), [0, 1, 2, 3])
    assert.ok(flight.markDone(1))
    assert.deepEqual(flight.position, { completed: 0, received: 0 })
    assert.ok(flight.markDone(0))
    assert.deepEqual(flight.position, { completed: 2, received: 2 })
    assert.equal(flight.span, 2)
  })

  it('counts no row twice, and none that was not sent', () => {
    const flight = begun(2)
    flight.takeUnsent()
    assert.ok(flight.markDone(0))
    assert.ok(!flight.markDone(0))
    assert.ok(!flight.markDone(1))
    assert.ok(!flight.markDone(70_000))
  })

  it('after a reconnect releases what was received and sends the rest again, in order, marked as again', () => {
    const flight = begun(5)
    takeAll(flight)
    flight.markReceived(0)
    flight.markReceived(1)
    flight.markDone(0)
    flight.rewind()
    assert.deepEqual(flight.toRelease(), [1])
    assert.deepEqual(flight.takeUnsent(), { row: 2, payload: '2', again: true })
    assert.deepEqual(takeAll(flight), [3, 4])
  })

  it('a row received ahead of an earlier one is not released, but sent again after a reconnect', () => {
    const flight = begun(3)
    takeAll(flight)
    flight.markReceived(1)
    assert.equal(flight.position.received, 0)
    flight.rewind()
    assert.deepEqual(flight.toRelease(), [])
    assert.deepEqual(takeAll(flight), [0, 1, 2])
  })

  it('sends what the broker has forgotten, and says how many rows that leaves open', () => {
    const flight = begun(4)
    takeAll(flight)
    flight.markReceived(0)
    flight.markReceived(1)
    flight.markDone(0)
    assert.equal(flight.forget(), 3)
    assert.deepEqual(flight.toRelease(), [])
    assert.deepEqual(takeAll(flight), [1, 2, 3])
  })

  it('goes on for another process', () => {
    const flight = begun(6, { completed: 2, received: 4 })
    assert.deepEqual(flight.toRelease(), [2, 3])
    assert.deepEqual(takeAll(flight), [4, 5])
    assert.ok(flight.markDone(2) && flight.markDone(3))
    assert.deepEqual(flight.position, { completed: 4, received: 4 })
  })

  it('finds a row by its packet id across the wrap of ids', () => {
    const flight = new Flight({ completed: 65_530, received: 65_530 })
    for (const row of [65_530, 65_534, 65_535, 65_540, 90_000]) assert.equal(flight.rowOf(packetIdOf(row)), row)
    assert.equal(packetIdOf(65_534), 65_535)
    assert.equal(packetIdOf(65_535), 1)
  })

  it('loses and doubles nothing at a broker with a session, whatever breaks when', () => {
    for (let seed = 1; seed <= 300; seed++)
      assert.deepEqual(
        exactlyOnce(seed),
        Array.from({ length: 40 }, (_, row) => row),
      )
  })
})

/** A broker's side of QoS 2 in a few lines, with connections that break anywhere. Returns the rows that it released. */
function exactlyOnce(seed: number): readonly number[] {
  const random = seededRandom(seed)
  const rows = 40
  const known = new Set<number>()
  const delivered: number[] = []
  let flight = begun(rows)
  for (let turn = 0; !flight.isEmpty; turn++) {
    assert.ok(turn < 1_000, `seed ${seed} comes to no end`)
    const breaks = () => turn < 200 && random.next() < 0.05
    for (const row of flight.toRelease()) {
      if (known.delete(row)) delivered.push(row)
      if (breaks()) break
      flight.markDone(row)
    }
    for (let taken = flight.takeUnsent(); taken !== undefined && !breaks(); taken = flight.takeUnsent()) {
      known.add(taken.row)
      if (breaks()) break
      flight.markReceived(taken.row)
      if (breaks()) break
      if (known.delete(taken.row)) delivered.push(taken.row)
      if (breaks()) break
      flight.markDone(taken.row)
    }
    if (random.next() < 0.3) flight = begun(rows, flight.position)
    else flight.rewind()
  }
  return delivered
}
