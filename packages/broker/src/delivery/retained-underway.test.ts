import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { brokerUnderTest } from '../testing/broker-under-test.ts'
import { HeldCommits } from '../testing/held-commits.ts'
import type { AnyPacket } from '../testing/raw-client.ts'

const payloads = (packets: readonly AnyPacket[]): string[] => packets.map((packet) => String(packet['payload']))

const subscribe = {
  cmd: 'subscribe',
  messageId: 1,
  subscriptions: [{ topic: 'a', qos: 0, nl: false, rap: false, rh: 0 }],
}

describe('a retained QoS 0 message on its way to the log', () => {
  it('is what a new subscription gets, instead of the one that it replaces', async () => {
    const commits = new HeldCommits()
    await using under = await brokerUnderTest({ schedule: commits.schedule })
    const [publisher, subscriber] = [await under.connect(), await under.connect()]
    publisher.publish('a', 'old', { retain: true, qos: 1, messageId: 1 })
    await publisher.receive('puback')
    commits.hold()
    publisher.publish('a', 'new', { retain: true })
    await publisher.untilPong()
    subscriber.send(subscribe)
    assert.deepEqual(await subscriber.untilPong(), [])
    commits.release()
    await subscriber.receive('suback')
    const got = await subscriber.receive('publish')
    assert.deepEqual([payloads([got]), got['retain']], [['new'], true])
  })

  it('holds UNSUBSCRIBE back with SUBSCRIBE, so that the later packet has the last word', async () => {
    const commits = new HeldCommits()
    await using under = await brokerUnderTest({ schedule: commits.schedule })
    const [publisher, subscriber] = [await under.connect(), await under.connect()]
    commits.hold()
    publisher.publish('a', 'kept', { retain: true })
    await publisher.untilPong()
    subscriber.send(subscribe)
    subscriber.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['a'] })
    assert.deepEqual(await subscriber.untilPong(), [])
    commits.release()
    const answers = [await subscriber.receive('suback'), await subscriber.receive()]
    publisher.publish('a', 'later')
    await publisher.untilPong()
    answers.push(...(await subscriber.untilPong()))
    // What was retained may be on its way already.
    assert.deepEqual(
      answers.map(({ cmd }) => cmd).filter((cmd) => cmd !== 'publish'),
      ['suback', 'unsuback'],
    )
    assert.ok(!payloads(answers).includes('later'))
  })
})
