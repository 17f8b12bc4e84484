import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { subscribeDefaults } from '../settings.ts'
import { fromText } from './bytes.ts'
import { readJson } from './json-read.ts'
import { printJson } from './json-value.ts'
import type { ReceivedMessage } from './message.ts'
import { messagePrinter } from './print-message.ts'
import { instantOf, nanoseconds, strftime } from './strftime.ts'

// A Friday that belongs to the ISO week 53 of the year before.
const instant = { date: new Date(2021, 0, 1, 0, 5, 9), micros: 42 }

const message: ReceivedMessage = {
  topic: fromText('a/é'),
  payload: Buffer.from([0x68, 0xff, 0x00]),
  qos: 1,
  retain: true,
  packetId: 7,
  properties: undefined,
}

const printed = (format: string, more: Partial<ReceivedMessage> = {}) =>
  messagePrinter({ ...subscribeDefaults(), format, endOfLine: false })({ ...message, ...more }, () => instant)

describe('output format', () => {
  it('passes bytes through that are no text', () => {
    assert.deepEqual(Buffer.from(printed('%p').output, 'latin1'), message.payload)
    assert.equal(printed('%x %X').output, '68ff00 68FF00')
  })

  it('counts widths in bytes', () => {
    assert.equal(printed('[%6t][%-6t][%.2t]').output, `[  ${message.topic}][${message.topic}  ][a/]`)
    assert.equal(printed('%04l|%-4m|%3q|%r').output, '0003|7   |1|1')
  })

  it('says which payload is no JSON, and prints the rest', () => {
    assert.deepEqual(printed('<%J>', { payload: Buffer.from('{') }), {
      output: '<>',
      complaints: ['Error: Message payload is not valid JSON on topic a/é.'],
    })
  })

  it('prints times as strftime does in the C locale', () => {
    const expected: Record<string, string> = {
      ...{ a: 'Fri', B: 'January', C: '20', e: ' 1', g: '20', G: '2020', I: '12', j: '001', k: ' 0', l: '12' },
      ...{ p: 'AM', T: '00:05:09', u: '5', U: '00', V: '53', w: '5', W: '00', c: 'Fri Jan  1 00:05:09 2021', Q: '%Q' },
    }
    for (const [letter, text] of Object.entries(expected)) assert.equal(strftime(letter, instant.date), text, letter)
    assert.equal(nanoseconds(instant), '000042000')
    assert.equal(instantOf(1_700_000_000_123_456).micros, 123_456)
  })
})

describe('JSON as cJSON has it', () => {
  const shapes: Readonly<Record<string, string | undefined>> = {
    '{"a":1,"a":[2.50,-0]}': '{"a":1,"a":[2.5,-0]}',
    ' [1e5, 1e21,0.1,1e-7] ': '[100000,1e+21,0.1,1e-07]',
    '"\\u00e9\\/\\n"': `"${fromText('é')}/\\n"`,
    '3.0000000000000004': '3',
    '0.30000000000000004': '0.3',
    '123456789012345678': '1.2345678901234568e+17',
    '"\\ud800"': undefined,
    '{"a":1,}': undefined,
    '1.5.2': undefined,
    nullx: undefined,
  }
  for (const [source, expected] of Object.entries(shapes)) {
    it(source, () => {
      const value = readJson(source)
      assert.equal(value === undefined ? undefined : printJson(value, false), expected)
    })
  }

  it('refuses nesting without end', () => {
    assert.equal(readJson('['.repeat(2_000) + ']'.repeat(2_000)), undefined)
  })
})
