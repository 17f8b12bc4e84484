import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JsonNumber, jsonBytesMax, jsonDepthMax, readJson } from './json.ts'
import { parsePath, valueAt } from './path.ts'

const read = (text: string) => readJson(new TextEncoder().encode(text))
const value = (text: string) => {
  const outcome = read(text)
  if (outcome.kind === 'refused') throw new Error(outcome.reason)
  return outcome.value
}
const reason = (text: string): string => {
  const outcome = read(text)
  return outcome.kind === 'refused' ? outcome.reason : 'value'
}

describe('strict JSON', () => {
  for (const text of ['9007199254740993', '1.0', '-0', '1e2', '0.10', '1E+400']) {
    it(`keeps ${text} as it was written`, () => {
      assert.deepEqual(value(`{"a":[${text}]}`), { a: [new JsonNumber(text)] })
    })
  }

  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
  const cases: readonly (readonly [string, string, string])[] = [
    ['a bare NaN', '{"a": NaN}', 'bare-nan'],
    ['a bare -Infinity', '[-Infinity]', 'bare-nan'],
    ['a NaN within text beside another fault', '{"a": "NaN", b}', 'not-json'],
    ['a trailing comma', '[1,]', 'not-json'],
    ['a leading zero', '[01]', 'not-json'],
    ['single quotes', "{'a':1}", 'not-json'],
    ['two values', '1 2', 'not-json'],
    ['nothing', '', 'not-json'],
    ['a byte order mark', '\uFEFF{}', 'not-json'],
    ['one level too many', nested(jsonDepthMax + 1), 'too-deep'],
    ['so many levels that a recursive reader fails', nested(500_000), 'too-deep'],
    ['one byte too many', `"${'x'.repeat(jsonBytesMax - 1)}"`, 'too-large'],
  ]
  for (const [what, text, expected] of cases) {
    it(`refuses ${what}: ${expected}`, () => assert.equal(reason(text), expected))
  }

  it('refuses what is not UTF-8', () => {
    const outcome = readJson(Uint8Array.of(0x22, 0xff, 0x22))
    assert.equal(outcome.kind === 'refused' && outcome.reason, 'not-utf8')
  })

  it('takes what is just within its bounds', () => {
    assert.equal(reason(nested(jsonDepthMax)), 'value')
    assert.equal(reason(`"${'x'.repeat(jsonBytesMax - 2)}"`), 'value')
    assert.equal(reason(`"${'['.repeat(100)}\\"${'{'.repeat(100)}"`), 'value')
  })
})

describe('paths', () => {
  const message = value('{"a":{"b":[1,{"c":"x"}]},"d.e":true,"f/g":null}')

  it('go by dots, or as JSON Pointer', () => {
    assert.equal(valueAt(message, parsePath('a.b.1.c')), 'x')
    assert.equal(valueAt(message, parsePath('/d.e')), true)
    assert.equal(valueAt(message, parsePath('/f~1g')), null)
    assert.equal(valueAt(message, parsePath('')), message)
  })

  for (const path of ['a.x', 'a.b.2', 'a.b.length', 'constructor', '__proto__', 'a.b.0.text', 'd.e']) {
    it(`find nothing at ${path}`, () => assert.equal(valueAt(message, parsePath(path)), undefined))
  }

  it('find an own __proto__, which is data', () => {
    assert.equal(valueAt(value('{"__proto__":"x"}'), parsePath('__proto__')), 'x')
  })
})
