// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of ours
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encodeProperties } from '@hawser/codec'
import { type LogId, partition, position } from '@hawser/engine'
import { epochMicros } from '@hawser/std'
import * as fc from 'fast-check'
import type { Message } from '../../connector.ts'
import { poisonPayloads } from '../../contract/poison.ts'
import { RecordSource } from '../../message/source.ts'
import { compileTemplate } from '../../message/template.ts'
import { kafkaDefaults } from '../defaults.ts'
import { kafkaSettings } from '../settings.ts'
import { hashOf } from './partitioner.ts'
import { type KafkaRecord, recordOf } from './record.ts'
import { boundedTopicName, escapeTopic, topicNameCharactersMax } from './topic-name.ts'

const logId = 'log' as LogId
const connection = { brokers: ['127.0.0.1:1'], clientId: 'test' }

function message(payload: string | Buffer, other: Partial<Message> = {}): Message {
  return {
    ...{ partition: partition(3), position: position(17), qos: 1, retain: false, clientId: 'press-7' },
    topic: 'factory/machines/MACHINE_001/telemetry',
    ingestedAt: epochMicros(1_700_000_000_000_123),
    properties: Buffer.alloc(0),
    payload: Buffer.from(payload),
    ...other,
  }
}

const formOf = (options: Partial<Parameters<typeof kafkaSettings>[0]>) =>
  kafkaSettings({ ...kafkaDefaults, connection, replicas: undefined, deadLetterTopic: 'd', ...options }).form

function recordFor(options: Parameters<typeof formOf>[0], from: Message): KafkaRecord {
  const outcome = recordOf(formOf(options), logId, from)
  assert.ok(outcome.kind === 'record', JSON.stringify(outcome))
  return outcome.record
}

const textsOf = ({ headers }: KafkaRecord) =>
  Object.fromEntries([...headers].map(([name, text]) => [`${name}`, `${text}`]))

describe('templates', () => {
  const filled = (template: string, from: Message): string | undefined =>
    compileTemplate(template)(new RecordSource(logId, from))

  it('take topic, levels, fields, client and user properties, the first that is there', () => {
    const properties = encodeProperties({
      userProperties: [
        ['line', 'a'],
        ['line', 'b'],
      ],
    })
    const from = message('{"machine_id":"M1","nested":{"n":7},"ok":true,"none":null}', { properties })
    assert.equal(filled('${topic}', from), from.topic)
    assert.equal(filled('x-${topic.3}.${topic.1}', from), 'x-MACHINE_001.factory')
    assert.equal(filled('${payload.machine_id|topic.3}', from), 'M1')
    assert.equal(filled('${payload.none|payload.other|topic.3}', from), 'MACHINE_001')
    assert.equal(filled('${payload.nested.n}-${payload.ok}-${client_id}-${property.line}', from), '7-true-press-7-a')
    assert.equal(filled('${payload.id}', message('{"id":9007199254740993}')), '9007199254740993')
    assert.equal(filled('${topic.5}', from), undefined)
    assert.equal(filled('${payload.machine_id|topic.3}', message('not JSON')), 'MACHINE_001')
  })

  it('are refused where a place is unknown or open', () => {
    for (const text of ['${topics}', '${topic.0}', '${payload}', '${}', 'a${topic', '${topic|}']) {
      assert.throws(() => compileTemplate(text), { code: 'CONFIG_INVALID' }, text)
    }
  })
})

describe('names of topics', () => {
  it('are legal, and no two MQTT topics meet in one, nor in what Kafka takes for one', () => {
    const topic = fc.string({ unit: fc.constantFrom(...'aA1/_.- #ü'), minLength: 1, maxLength: 12 })
    const unified = (name: string | undefined): string | undefined => name?.replaceAll('.', '_')
    fc.assert(
      fc.property(topic, topic, (left, right) => {
        const [one, other] = [left, right].map((value) => boundedTopicName(escapeTopic(value)))
        assert.match(one ?? '', /^[A-Za-z0-9._-]{1,249}$/)
        assert.ok(one !== '.' && one !== '..')
        assert.equal(unified(one) === unified(other), left === right)
      }),
      { numRuns: 2_000 },
    )
  })

  it('are plain where what is put in is: letters, digits, levels and a hyphen between them', () => {
    const name = (topic: string, template = '${topic}') =>
      recordFor({ topic: template }, message('{}', { topic })).topic
    for (const plain of ['fms-data-stream', 'machine-01', 'a-2D', 'A-B-C']) assert.equal(name(plain), plain)
    assert.equal(name('plant-1/press-07', 'mqtt.${topic}'), 'mqtt.plant-1.press-07')
    assert.equal(name('a/b_1'), 'a.b--5F1')
    assert.deepEqual(
      ['-a', 'a-', 'a--b', '-'].map((topic) => name(topic)),
      ['-a', 'a--2D', 'a--2D-b', '--2D'],
    )
  })

  it('do not meet where a template has two places with a sign between them', () => {
    const level = fc.string({ unit: fc.constantFrom(...'a5F_- '), maxLength: 6 })
    const name = (one: string, other: string) =>
      recordFor({ topic: '${topic.1}-${topic.2}' }, message('{}', { topic: `${one}/${other}` })).topic
    fc.assert(
      fc.property(level, level, level, level, (a, b, c, d) => {
        assert.equal(name(a, b) === name(c, d), a === c && b === d)
      }),
      { numRuns: 2_000 },
    )
  })

  it('are shortened with a digest, so that long ones do not meet either', () => {
    const [one, other] = ['a', 'b'].map((end) => boundedTopicName(escapeTopic(`${'x'.repeat(400)}${end}`)))
    assert.equal(one?.length, topicNameCharactersMax)
    assert.notEqual(one, other)
  })

  it('are refused where the template has what Kafka has not', () => {
    assert.throws(() => formOf({ topic: 'a/${topic}' }), { code: 'CONFIG_INVALID' })
  })
})

describe('records', () => {
  const from = message('{"machine_id": "M1", "speed": 1.0}')

  it('bear who, what and when in headers, and user properties that cannot pass for them', () => {
    const properties = encodeProperties({
      userProperties: [
        ['line', 'a'],
        ['event_id', 'forged'],
      ],
    })
    const record = recordFor({ key: '${payload.machine_id}', bridgeId: 'b1' }, { ...from, properties })
    assert.deepEqual(textsOf(record), {
      'content-type': 'application/json',
      mqtt_topic: from.topic,
      mqtt_qos: '1',
      mqtt_retain: 'false',
      client_id: 'press-7',
      bridge_id: 'b1',
      bridge_timestamp: '2023-11-14T22:13:20.000123Z',
      event_id: 'log/3/17',
      line: 'a',
      'user.event_id': 'forged',
    })
    assert.deepEqual([record.topic, `${record.key}`], ['factory.machines.MACHINE--5F001.telemetry', 'M1'])
    assert.equal(record.value, from.payload)
    assert.deepEqual(textsOf(recordFor({ headers: false }, from)), {})
  })

  it('say the content type of the publisher, or what is seen', () => {
    const contentType = (payload: string, properties: Buffer = Buffer.alloc(0)): string | undefined =>
      textsOf(recordFor({}, message(payload, { properties })))['content-type']
    assert.equal(contentType('1', encodeProperties({ contentType: 'text/csv' })), 'text/csv')
    assert.equal(contentType('NaN'), 'application/octet-stream')
  })

  it('are enriched byte for byte, or refused', () => {
    const value = (payload: string): string =>
      `${recordFor({ value: 'enriched', bridgeId: 'b"1' }, message(payload)).value}`
    const added = `"mqtt_topic":"${from.topic}","bridge_timestamp":"2023-11-14T22:13:20.000123Z","bridge_id":"b\\"1"`
    assert.equal(value('{"big": 9007199254740993, "one":1.0 } \n'), `{"big": 9007199254740993, "one":1.0 ,${added}} \n`)
    assert.equal(value('{ }'), `{ ${added}}`)
    for (const payload of ['[1]', 'null', '"a}"', 'NaN', '']) {
      assert.equal(recordOf(formOf({ value: 'enriched' }), logId, message(payload)).kind, 'refused', payload)
    }
  })

  it('hold in a structured event what was published, whatever it was', () => {
    for (const payload of [...poisonPayloads, from.payload]) {
      const record = recordFor({ value: 'cloudevents-structured' }, message(payload))
      const event = JSON.parse(`${record.value}`)
      assert.deepEqual([event.specversion, event.id, event.subject], ['1.0', 'log/3/17', from.topic])
      if ('data' in event) assert.ok(record.value?.includes(payload))
      else assert.deepEqual(Buffer.from(event.data_base64, 'base64'), payload)
    }
  })

  it('have no value where a retained one is deleted, by option', () => {
    const deletion = message('', { retain: true })
    assert.equal(recordFor({ tombstones: true }, deletion).value, undefined)
    assert.equal(recordFor({ tombstones: true }, message('')).value?.length, 0)
    assert.equal(recordFor({}, deletion).value?.length, 0)
  })

  it('without what the key needs go by their topic; without what the topic needs they are refused', () => {
    assert.equal(`${recordFor({ key: '${payload.none}' }, from).key}`, from.topic)
    assert.equal(recordOf(formOf({ topic: 't-${payload.none}' }), logId, from).kind, 'refused')
  })
})

describe('partitioners', () => {
  it('murmur2 is that of Java: vectors of Kafka’s own UtilsTest', () => {
    const vectors: Readonly<Record<string, number>> = {
      '21': -973932308,
      foobar: -790332482,
      'a-little-bit-long-string': -985981536,
      'a-little-bit-longer-string': -1486304829,
      lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8: -58897971,
      abc: 479470107,
    }
    for (const [text, hash] of Object.entries(vectors)) {
      assert.equal(hashOf.murmur2(Buffer.from(text)), hash & 0x7fffffff, text)
    }
  })

  it('crc32 is that of zlib, as in librdkafka: the check value of the catalogue', () => {
    assert.equal(hashOf.crc32(Buffer.from('123456789')), 0xcbf43926)
  })
})
