import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { brokersUnderTest } from '../testing/brokers-under-test.ts'

const durable = { clientId: 'client', clean: false, properties: { sessionExpiryInterval: 3_600 } }

describe('a clean start', () => {
  // CONNACK would say that the session before is over, and after a crash it would not be.
  it('is refused while the log cannot take that the session before has ended', async () => {
    await using brokers = brokersUnderTest()
    const one = await brokers.start()
    await (await one.connect(durable)).disconnect()
    brokers.host.setDiskFull(true)
    const refused = await one.connect({ clientId: 'client' })
    assert.equal(refused.connack?.['reasonCode'], 0x97)
    one.kill()
    brokers.host.setDiskFull(false)
    const again = await brokers.start()
    assert.equal((await again.connect(durable)).connack?.['sessionPresent'], true)
  })

  it('has ended the session before once CONNACK is there, whatever dies then', async () => {
    await using brokers = brokersUnderTest()
    const one = await brokers.start()
    await (await one.connect(durable)).disconnect()
    const clean = await one.connect({ clientId: 'client' })
    assert.equal(clean.connack?.['sessionPresent'], false)
    one.kill()
    const again = await brokers.start()
    assert.equal((await again.connect(durable)).connack?.['sessionPresent'], false)
  })
})
