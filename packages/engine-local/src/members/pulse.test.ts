import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PeerId } from '@hawser/engine'
import { milliseconds } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import type { LocalBus } from '../bus/local-bus.ts'
import { busWithoutPeers } from '../bus/local-bus.ts'
import type { ProcessActivity } from '../lock/process-identity.ts'
import { Pulse, silencesWhileAtWork } from './pulse.ts'

const peer = 'lane-1-pid-2' as PeerId
const silentMsMax = milliseconds(1000)

/** A pulse that hears of one peer what `signs` and `activity` say. */
function listening() {
  const clock = new ManualClock()
  const state = { signs: 0, isSilent: false, activity: undefined as ProcessActivity | undefined }
  const bus: LocalBus = Object.assign(busWithoutPeers('lane-0-pid-1' as PeerId), {
    peers: () => [peer],
    signsOfLife: () => state.signs,
  })
  const onSilent = (): void => {
    state.isSilent = true
  }
  const pulse = new Pulse({ bus, clock, silentMsMax, activityOf: () => state.activity, onSilent, onBeat: () => {} })
  const pass = (silences: number, each: () => void = () => {}): boolean => {
    for (let beat = 0; beat < silences * 5; beat++) {
      each()
      clock.advance(silentMsMax / 5)
    }
    return state.isSilent
  }
  return { state, pass, [Symbol.dispose]: () => pulse[Symbol.dispose]() }
}

describe('the pulse of members', () => {
  it('one that is heard is never dead', () => {
    using heard = listening()
    assert.equal(
      heard.pass(100, () => heard.state.signs++),
      false,
    )
  })

  for (const [what, activity] of [
    ['has used no processor time since', { isAtWork: false, isStopped: false, usedTicks: 70 }],
    ['cannot be looked at', undefined],
  ] as const) {
    it(`one that is silent and ${what} is dead`, () => {
      using heard = listening()
      heard.state.activity = activity
      assert.equal(heard.pass(1), false)
      assert.equal(heard.pass(0.4), true)
    })
  }

  it('one that is silent and works is given more time, and is dead after that', () => {
    using heard = listening()
    const work = (): void => {
      heard.state.activity = {
        isAtWork: false,
        isStopped: false,
        usedTicks: (heard.state.activity?.usedTicks ?? 0) + 1,
      }
    }
    assert.equal(heard.pass(silencesWhileAtWork, work), false)
    assert.equal(heard.pass(0.4, work), true)
  })

  it('one that waits for a processor is given more time, and is dead once it is stopped', () => {
    using heard = listening()
    heard.state.activity = { isAtWork: true, isStopped: false, usedTicks: 70 }
    assert.equal(heard.pass(2), false)
    heard.state.activity = { isAtWork: false, isStopped: false, usedTicks: 70 }
    assert.equal(heard.pass(0.2), true)
  })

  it('one that has worked and is heard again is given its time anew', () => {
    using heard = listening()
    heard.state.activity = { isAtWork: true, isStopped: false, usedTicks: 70 }
    for (let round = 0; round < 5; round++) {
      assert.equal(heard.pass(silencesWhileAtWork - 1), false)
      heard.state.signs++
    }
  })
})
