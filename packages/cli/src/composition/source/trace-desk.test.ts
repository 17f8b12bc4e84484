import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TraceEvent, TraceListener } from '@hawser/broker'
import { seededRandom } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import { TraceDesk } from './trace-desk.ts'

class FakeBroker {
  readonly listeners = new Set<TraceListener>()

  trace(_selection: object, listener: TraceListener): Disposable {
    this.listeners.add(listener)
    return { [Symbol.dispose]: () => this.listeners.delete(listener) }
  }

  tell(count: number): void {
    const event: TraceEvent = { at: 5_000, direction: 'in', clientId: 'c', address: 'a', what: 'PINGREQ', details: {} }
    for (const listener of this.listeners) for (let n = 0; n < count; n++) listener(event)
  }
}

describe('the desk of traces', () => {
  it('hands out each event once, by page, and says how many were too many', () => {
    const broker = new FakeBroker()
    using desk = new TraceDesk(broker, new ManualClock(), seededRandom(1))
    const { id } = desk.start({ clientId: 'c', seconds: 60 })
    broker.tell(3)
    const first = desk.read(id, 0)
    assert.deepEqual([first?.events.length, first?.next, first?.dropped, first?.running], [3, 3, 0, true])
    broker.tell(10_005)
    const second = desk.read(id, 3)
    assert.deepEqual([second?.events.length, second?.next, second?.dropped], [1_000, 1_008, 5])
    assert.equal(desk.read('other', 0), undefined)
  })

  it('ends by itself, can be read a while longer, and holds few at a time', () => {
    const broker = new FakeBroker()
    const clock = new ManualClock()
    using desk = new TraceDesk(broker, clock, seededRandom(1))
    const { id } = desk.start({ clientId: 'c', seconds: 60 })
    broker.tell(1)
    clock.advance(60_000)
    assert.equal(broker.listeners.size, 0)
    assert.deepEqual([desk.read(id, 0)?.events.length, desk.read(id, 0)?.running], [1, false])
    for (let n = 0; n < 8; n++) desk.start({ clientId: 'c', seconds: 60 })
    assert.equal(desk.read(id, 0), undefined, 'one that has ended makes room')
    assert.throws(() => desk.start({ clientId: 'c', seconds: 60 }), /8 traces run already/)
  })
})
