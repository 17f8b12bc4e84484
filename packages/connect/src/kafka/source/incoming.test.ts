// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of ours
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LogId } from '@hawser/engine'
import { compileTemplateOf } from '../../message/template.ts'
import { incomingOf } from './incoming.ts'
import { RecordView, recordPlaces } from './record-places.ts'

const logId = 'log-1' as LogId

interface Given {
  readonly key?: string
  readonly value?: string | null
  readonly headers?: Readonly<Record<string, string | Buffer>>
}

function read(topic: string, { key, value = '{}', headers = {} }: Given = {}, withHeaders = true) {
  const view = new RecordView({
    ...{ topic: 'orders', partition: 2, offset: 41n },
    key: key === undefined ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers: new Map(Object.entries(headers).map(([name, text]) => [Buffer.from(name), Buffer.from(text)])),
  })
  const form = { topic: compileTemplateOf(topic, recordPlaces), qos: 1, retain: false, headers: withHeaders } as const
  return incomingOf(form, logId, 'topic-id', view)
}

const topicOf = (topic: string, given?: Given): string => {
  const found = read(topic, given)
  return found.kind === 'message' ? found.message.topic : found.kind === 'refused' ? found.reason : found.kind
}

describe('a record of Kafka', () => {
  it('goes to the topic of its template', () => {
    assert.equal(topicOf('kafka/${topic}/${partition}/${offset}'), 'kafka/orders/2/41')
    assert.equal(topicOf('k/${key|payload.id|header.h}', { key: 'a/b' }), 'k/a/b')
    assert.equal(topicOf('k/${key|payload.id|header.h}', { value: '{"id":9007199254740993}' }), 'k/9007199254740993')
    assert.equal(topicOf('k/${key|payload.id|header.h}', { headers: { h: 'x+y#' } }), 'k/x%2By%23')
  })

  it('is refused by name where its topic has no value, or is none', () => {
    assert.equal(topicOf('k/${key}'), 'orders/2/41: a place of its topic has no value')
    assert.match(topicOf('${key}', { key: '$SYS/x' }), /^orders\/2\/41: \$SYS\/x is no topic: /)
    assert.match(topicOf('${key}', { key: '' }), /^orders\/2\/41: {2}is no topic: /)
  })

  it('bears its headers as user properties, those that are texts, and its name in Kafka', () => {
    const found = read('t', { headers: { a: 'ä', 'content-type': 'text/plain', raw: Buffer.of(0xff) } })
    assert.equal(found.kind, 'message')
    assert.deepEqual(found.kind === 'message' && [found.message.properties, found.message.eventId], [
      { userProperties: [['a', 'ä']], contentType: 'text/plain' },
      'topic-id/2/41',
    ])
    const bare = read('t', { headers: { a: 'x' } }, false)
    assert.deepEqual(bare.kind === 'message' && bare.message.properties, {})
  })

  it('keeps the name that a sink of ours has given it, and is known where it comes from this very log', () => {
    const kept = read('t', { headers: { event_id: 'log-2/0/7' } })
    assert.equal(kept.kind === 'message' && kept.message.eventId, 'log-2/0/7')
    assert.deepEqual(read('t', { headers: { event_id: 'log-1/0/7' } }), { kind: 'duplicate' })
  })

  it('is empty where it has no value', () => {
    const found = read('t', { value: null })
    assert.equal(found.kind === 'message' && found.message.payload.length, 0)
  })
})
