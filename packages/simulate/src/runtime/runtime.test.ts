import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from '@hawser/std'
import { ErrorWithReasonCode } from 'mqtt'
import { Backoff } from './backoff.ts'
import { topicMatches } from './broker-connection.ts'
import { brokerUrl, shownUrl } from './broker-url.ts'
import { connectRefusal, disconnectRefusal } from './mqtt-refusal.ts'

describe('broker address', () => {
  it('takes the spellings that people use', () => {
    assert.equal(brokerUrl('localhost'), 'mqtt://localhost')
    assert.equal(brokerUrl('localhost:1884'), 'mqtt://localhost:1884')
    assert.equal(brokerUrl('tcp://broker:1883'), 'mqtt://broker:1883')
    assert.equal(brokerUrl('ssl://broker'), 'mqtts://broker')
    assert.equal(brokerUrl('ws://broker:9001/mqtt'), 'ws://broker:9001/mqtt')
  })

  it('refuses what is none, with the mend', () => {
    for (const text of ['http://broker', 'mqtt://', '']) assert.throws(() => brokerUrl(text), { code: 'USAGE' })
  })

  it('is shown without user and password', () => {
    assert.equal(shownUrl('mqtt://user:secret@broker:1883'), 'mqtt://broker:1883')
  })
})

describe('backoff', () => {
  it('doubles with jitter up to its bound, and begins anew after a reset', () => {
    const backoff = new Backoff(seededRandom(1), { firstMs: 100, mostMs: 1000 })
    for (const full of [100, 200, 400, 800, 1000, 1000]) {
      const delay = backoff.next()
      assert.ok(delay >= full / 2 && delay <= full, `${delay} of ${full}`)
    }
    backoff.reset()
    assert.ok(backoff.next() <= 100)
  })
})

describe('refusals', () => {
  const url = 'mqtt://broker'

  it('a busy broker, or none, is tried again', () => {
    assert.equal(connectRefusal(new ErrorWithReasonCode('busy', 0x89), 'a', url), undefined)
    assert.equal(connectRefusal(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), 'a', url), undefined)
    assert.equal(disconnectRefusal(0x8b, 'a', url), undefined)
  })

  it('bad credentials and a taken client id are final', () => {
    assert.equal(connectRefusal(new ErrorWithReasonCode('bad', 0x86), 'a', url)?.code, 'BROKER_REFUSED')
    assert.match(disconnectRefusal(0x8e, 'java1', url)?.line ?? '', /took over the client id "java1".*--client-id/)
  })
})

describe('topic filters', () => {
  it('match by level', () => {
    assert.ok(topicMatches('sensoren/#', 'sensoren/sine1'))
    assert.ok(topicMatches('sensoren/#', 'sensoren'))
    assert.ok(topicMatches('+/sine1', 'sensoren/sine1'))
    assert.ok(!topicMatches('sensoren/+', 'sensoren/a/b'))
    assert.ok(!topicMatches('sensoren/a/b', 'sensoren/a'))
    assert.ok(!topicMatches('#', '$SYS/broker/uptime'))
  })
})
