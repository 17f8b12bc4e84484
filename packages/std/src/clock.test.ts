import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { sleep, systemClock } from './clock.ts'
import { ManualClock } from './testing/mod.ts'
import { milliseconds } from './units.ts'

const ms = milliseconds
const later = (delay: number) => new Promise<void>((resolve) => systemClock.after(ms(delay), resolve))

describe('system clock', () => {
  it('wall time is now, in microseconds', () => {
    const before = Date.now()
    const micros = systemClock.wallMicros()
    assert.ok(micros >= before * 1000 && micros <= Date.now() * 1000)
    assert.ok(Number.isInteger(micros))
  })

  it('monotonic time does not step back', () => {
    let before = systemClock.monotonicMs()
    for (let look = 0; look < 1000; look++) {
      const now = systemClock.monotonicMs()
      assert.ok(now >= before)
      before = now
    }
  })

  it('after waits its delay, and no callback comes before the caller has returned', async (test) => {
    const keepAlive = setInterval(() => {}, 1000)
    test.after(() => clearInterval(keepAlive))
    const start = systemClock.monotonicMs()
    // A timer counts from the time that the event loop read last: it has to be read again behind `start`.
    await nextTurn()
    await nextTurn()
    let returned = false
    const fired = later(20).then(() => systemClock.monotonicMs())
    systemClock.after(ms(-5), () => assert.ok(returned))
    returned = true
    // Node's timers count in whole milliseconds.
    assert.ok((await fired) - start >= 19)
  })

  it('a disposed timer is silent, and disposing twice is harmless', async (test) => {
    const keepAlive = setInterval(() => {}, 1000)
    test.after(() => clearInterval(keepAlive))
    const timer = systemClock.after(ms(1), () => assert.fail('it was disposed'))
    timer[Symbol.dispose]()
    timer[Symbol.dispose]()
    await later(5)
  })

  it('a delay beyond what Node’s timers hold does not fire at once', (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] })
    let fired = false
    const timer = systemClock.after(ms(2 ** 31 + 1000), () => {
      fired = true
    })
    test.mock.timers.tick(5)
    assert.equal(fired, false)
    timer[Symbol.dispose]()
  })
})

describe('manual clock', () => {
  it('stands still until it is moved, and then moves both times', () => {
    const clock = new ManualClock(1_000_000)
    assert.deepEqual([clock.wallMicros(), clock.monotonicMs()], [1_000_000, 0])
    clock.advance(250)
    assert.deepEqual([clock.wallMicros(), clock.monotonicMs()], [1_250_000, 250])
    clock.jumpWall(-1000)
    assert.deepEqual([clock.wallMicros(), clock.monotonicMs()], [250_000, 250])
  })

  it('fires what falls due, in order, each at its own time', () => {
    const clock = new ManualClock()
    const fired: [string, number][] = []
    const note = (name: string) => () => fired.push([name, clock.monotonicMs()])
    clock.after(ms(30), note('late'))
    clock.after(ms(10), note('early'))
    clock.after(ms(10), note('early, set later'))
    clock.after(ms(31), note('not yet'))
    clock.after(ms(20), note('cancelled'))[Symbol.dispose]()
    clock.advance(30)
    assert.deepEqual(fired, [
      ['early', 10],
      ['early, set later', 10],
      ['late', 30],
    ])
    clock.advance(1)
    assert.deepEqual(fired.at(-1), ['not yet', 31])
  })

  it('a timer set by a timer fires in the same advance where it falls due', () => {
    const clock = new ManualClock()
    const firedAt: number[] = []
    const every = (): void => {
      firedAt.push(clock.monotonicMs())
      clock.after(ms(10), every)
    }
    clock.after(ms(10), every)
    clock.advance(35)
    assert.deepEqual(firedAt, [10, 20, 30])
    assert.equal(clock.monotonicMs(), 35)
  })

  it('a timer may cancel another one that is due', () => {
    const clock = new ManualClock()
    clock.after(ms(1), () => other[Symbol.dispose]())
    const other = clock.after(ms(1), () => assert.fail('it was cancelled'))
    clock.advance(5)
  })
})

describe('sleep', () => {
  it('resolves after its delay', async () => {
    const clock = new ManualClock()
    let awake = false
    const sleeping = sleep(clock, ms(100)).then(() => {
      awake = true
    })
    clock.advance(99)
    await Promise.resolve()
    assert.equal(awake, false)
    clock.advance(1)
    await sleeping
  })

  it('rejects with the signal’s reason as soon as it aborts, and leaves no timer', async () => {
    const clock = new ManualClock()
    const reason = new Error('enough')
    await assert.rejects(sleep(clock, ms(1), AbortSignal.abort(reason)), reason)
    const controller = new AbortController()
    const sleeping = sleep(clock, ms(1), controller.signal)
    controller.abort(reason)
    await assert.rejects(sleeping, reason)
    clock.advance(10)
  })

  it('takes its listener off the signal when it is done', async () => {
    const clock = new ManualClock()
    const { signal } = new AbortController()
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...call: Parameters<typeof add>) => {
      listeners++
      add(...call)
    }
    signal.removeEventListener = (...call: Parameters<typeof remove>) => {
      listeners--
      remove(...call)
    }
    const sleeping = sleep(clock, ms(1), signal)
    assert.equal(listeners, 1)
    clock.advance(1)
    await sleeping
    assert.equal(listeners, 0)
  })
})
