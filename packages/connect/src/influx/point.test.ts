/** Messages as lines. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of ours
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type LogId, partition, position } from '@hawser/engine'
import { epochMicros } from '@hawser/std'
import { compilePoint, type PointOptions, pointLine } from './point.ts'

const defaults: PointOptions = {
  measurement: '${topic.1}',
  tags: [],
  fields: ['*'],
  numbers: 'typed',
  timeFormat: 'iso8601',
}

function lineFrom(payload: string | Buffer, options: Partial<PointOptions> = {}, topic = 'm/1'): string {
  const outcome = pointLine(compilePoint({ ...defaults, ...options }), 'log' as LogId, {
    ...{ partition: partition(1), position: position(12_345), topic, qos: 1, retain: false, clientId: 'c' },
    ingestedAt: epochMicros(1_700_000_000_000_001),
    properties: Buffer.alloc(0),
    payload: Buffer.from(payload),
  })
  return 'line' in outcome ? outcome.line : `refused ${outcome.reason}`
}

const at = '1700000000000001345'

describe('a message as a point', () => {
  it('has each text, number and boolean of a JSON object as field, by the type in which it is written', () => {
    const payload =
      '{"n":20,"f":20.0,"e":1e3,"big":9007199254740993,"s":"a","b":true,"no":null,"list":[1],"in":{"rpm":5}}'
    assert.equal(lineFrom(payload), `m n=20i,f=20.0,e=1e3,big=9007199254740993i,s="a",b=true,in.rpm=5i ${at}`)
    assert.equal(lineFrom('{"n":20}', { numbers: 'float' }), `m n=20 ${at}`)
    assert.match(
      lineFrom('{"n":9007199254740993}', { numbers: 'float' }),
      /^refused not-exact: "9007199254740993" in n/,
    )
  })

  it('has the fields and tags that templates name, and leaves out what is not there', () => {
    const options = {
      tags: ['machine=${payload.id|topic.2}', 'zone=${payload.zone}'],
      fields: [
        'rpm:float=${payload.motor.rpm}',
        'count=${payload.count}',
        'who=${client_id}',
        'n:string=${payload.count}',
      ],
    }
    const payload = '{"motor":{"rpm":5},"count":7}'
    assert.equal(lineFrom(payload, options), `m,machine=1 rpm=5,count=7i,who="c",n="7" ${at}`)
    assert.equal(lineFrom('{"id":"x","temp":1}', { tags: ['id=${payload.id}'] }), `m,id=x temp=1i ${at}`)
  })

  it('bears the time of the payload where one is named', () => {
    const fields = ['v=${payload.v}']
    const timed = (payload: string, timeFormat: PointOptions['timeFormat']) =>
      lineFrom(payload, { fields, time: 'ts', timeFormat })
    assert.equal(timed('{"ts":"2025-06-18T10:47:25.054588Z","v":1}', 'iso8601'), 'm v=1i 1750243645054588000')
    assert.equal(timed('{"ts":1750243645.054588,"v":1}', 'unix-seconds'), 'm v=1i 1750243645054588000')
    assert.match(timed('{"ts":"soon","v":1}', 'iso8601'), /^refused no-time/)
    assert.match(timed('{"v":1}', 'iso8601'), /^refused no-time/)
  })

  it('escapes what the protocol gives a meaning, and refuses what it cannot write', () => {
    const options = { measurement: '${topic}', tags: ['a b=${payload.tag}'], fields: ['s,1=${payload.s}'] }
    assert.equal(
      lineFrom('{"tag":"x=1, y","s":"say \\"hi\\"\\\\\\n"}', options, 'hall, 1'),
      `hall\\,\\ 1,a\\ b=x\\=1\\,\\ y s\\,1="say \\"hi\\"\\\\\n" ${at}`,
    )
    assert.match(lineFrom('{"tag":"line\\nbreak","s":"1"}', options), /^refused no-tag/)
    assert.match(lineFrom('{"tag":"back\\\\","s":"1"}', options), /^refused no-tag/)
    assert.match(lineFrom('{"s":"1"}', options, '#comment'), /^refused no-measurement/)
  })

  it('refuses numbers that the database cannot hold, and messages without fields', () => {
    assert.match(lineFrom('{"v":9223372036854775808}'), /^refused past-64-bits: "9223372036854775808" in v/)
    assert.match(lineFrom('{"v":1e400}'), /^refused not-a-number: "1e400" in v/)
    assert.match(lineFrom('{"v":1.5}', { fields: ['v:integer=${payload.v}'] }), /^refused not-an-integer/)
    assert.match(lineFrom('{"v":1}', { fields: ['v:boolean=${payload.v}'] }), /^refused not-a-boolean/)
    for (const payload of ['', 'NaN', '5', '[1]', '{}', '{"a":null}', Buffer.from([0xff])])
      assert.match(lineFrom(payload), /^refused no-fields/)
  })

  it('is refused before it is used where a setting cannot be read', () => {
    const refused = { code: 'CONFIG_INVALID' }
    for (const fields of [['rpm'], ['rpm:number=${payload.a}'], ['a=${nowhere}']])
      assert.throws(() => compilePoint({ ...defaults, fields }), refused)
    assert.throws(() => compilePoint({ ...defaults, tags: ['=x'] }), refused)
  })
})
