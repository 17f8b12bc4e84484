import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findingsOf, linesOf } from '../testing/check-context.ts'
import { type BrokerFaults, FakeBroker } from '../testing/fake-broker.ts'
import { tcpCheck, webSocketCheck } from './round-trip.ts'

describe('round trip', () => {
  it('passes when each quality of service comes back, and leaves nothing behind', async () => {
    const broker = new FakeBroker()
    const lines = linesOf([
      ...(await findingsOf(tcpCheck, { broker })),
      ...(await findingsOf(webSocketCheck, { broker })),
    ])
    assert.deepEqual(lines, [
      'broker:tcp passed: 127.0.0.1:1883, QoS 0, 1 and 2 there and back in 0 ms',
      'broker:websocket passed: 127.0.0.1:9001, QoS 0, 1 and 2 there and back in 0 ms',
    ])
    assert.equal(broker.open, 0)
    assert.deepEqual(
      [...new Set(broker.published.map(({ topic }) => topic))],
      ['hawser/doctor/tcp', 'hawser/doctor/websocket'],
    )
  })

  const cases: readonly (readonly [string, BrokerFaults, string])[] = [
    ['nothing listens', { refused: 'nothing listens there' }, 'connect: nothing listens there'],
    ['no subscriptions', { unsubscribable: true }, 'subscribe: the subscription was refused'],
    ['QoS 1 not acknowledged', { unacknowledged: 1 }, 'publish at QoS 1: no answer in time'],
    ['QoS 2 not acknowledged', { unacknowledged: 2 }, 'publish at QoS 2: no answer in time'],
    ['QoS 0 lost', { undelivered: 0 }, 'deliver: QoS 0 did not come back'],
    ['QoS 1 lost', { undelivered: 1 }, 'deliver: QoS 1 did not come back'],
    ['QoS 2 lost', { undelivered: 2 }, 'deliver: QoS 2 did not come back'],
    ['QoS 2 twice', { twice: 2 }, 'deliver: 4 messages came back for 3'],
    ['QoS 1 as QoS 0', { downgraded: 1 }, 'deliver: QoS 1 came back as QoS 0'],
    ['connection lost', { losesConnection: true }, 'publish at QoS 0: the broker closed the connection'],
  ]
  for (const [name, faults, figure] of cases) {
    it(`fails: ${name}`, async () => {
      const broker = new FakeBroker(faults)
      assert.deepEqual(linesOf(await findingsOf(tcpCheck, { broker })), [`broker:tcp failed: ${figure}`])
      assert.equal(broker.open, 0)
    })
  }

  it('takes no message of another doctor for its own', async () => {
    const broker = new FakeBroker({ undelivered: 1 })
    broker.traffic = [{ topic: 'hawser/doctor/tcp', payload: 'ffffffff at QoS 1', retain: false }]
    assert.deepEqual(linesOf(await findingsOf(tcpCheck, { broker })), [
      'broker:tcp failed: deliver: QoS 1 did not come back',
    ])
  })
})
