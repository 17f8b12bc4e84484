import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { partition, position } from '@hawser/engine'
import type { ClientId, SessionNumber } from '@hawser/std'
import { inflightState } from '../session/inflight.ts'
import { applySessionEvent } from './apply-event.ts'
import type { SessionEvent } from './session-event.ts'
import { newSessionState, type SessionState } from './session-state.ts'

const lane = partition(0)
const number = 1 as SessionNumber
const clientId = 'receiver' as ClientId

function replayed(...events: readonly SessionEvent[]): SessionState {
  let state: SessionState | undefined = newSessionState(number, clientId, new Map(), lane)
  for (const [at, event] of events.entries()) {
    state = applySessionEvent(state, { number, clientId, event }, lane, position(at))
  }
  assert.ok(state)
  return state
}

const assigned = (packetId: number, at: number, retained = false): SessionEvent => ({
  kind: 'assigned',
  message: { packetId, retained, partition: lane, position: position(at) },
})
const received: SessionEvent = { kind: 'received', packetId: 1 }

describe('a packet id that bears another message', () => {
  // The log took nothing when the client completed the first.
  it('says at QoS 2 that the one before is complete', () => {
    const { done, inflight } = replayed(assigned(1, 7), received, assigned(1, 9))
    assert.deepEqual([...done], ['0/7'])
    assert.deepEqual(
      inflight.map(({ packetId, position: at }) => [packetId, at]),
      [[1, 9]],
    )
  })

  it('says at QoS 1 that the one before is complete', () => {
    const next = {
      packetId: 1,
      state: inflightState.published,
      partition: lane,
      position: position(9),
      retained: false,
    }
    const pending: SessionEvent = { kind: 'pending', atHorizon: false, cursor: [], inflight: [next] }
    const { done, inflight } = replayed(assigned(1, 7), received, pending)
    assert.deepEqual([...done], ['0/7'])
    assert.deepEqual(inflight, [next])
  })

  it('says nothing of the place where a retained message stands', () => {
    assert.equal(replayed(assigned(1, 7, true), received, assigned(1, 9)).done.size, 0)
  })
})
