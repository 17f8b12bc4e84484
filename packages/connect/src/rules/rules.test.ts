/* Templates stand in plain strings here, as they do in a configuration. */
/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of the connector */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HawserError } from '@hawser/std'
import { Rules } from './rules.ts'
import { judgeSample, sampleFaults } from './samples.ts'
import type { Condition, RuleSettings } from './settings.ts'

const judge = (rules: readonly RuleSettings[], topic: string, payload: string, unmatched: 'pass' | 'drop' = 'pass') =>
  judgeSample(new Rules({ rules, unmatched }), { topic, payload })

/** The payload as it goes on, or what became of it. */
function text(rule: Omit<RuleSettings, 'name'>, payload: string): string {
  const judgement = judge([{ name: 'r', ...rule }], 'plant/7/state', payload)
  if (judgement.kind === 'passed') return judgement.message.payload.toString()
  return judgement.kind === 'failed' ? judgement.reason : judgement.kind
}

const isInvalid = (error: unknown): boolean => error instanceof HawserError && error.code === 'CONFIG_INVALID'

describe('rules', () => {
  it('let the first that matches decide, and say what becomes of the others', () => {
    const rules = [
      { name: 'noise', filter: 'plant/+/debug', drop: true },
      { name: 'plants', filter: 'plant/#', route: 'plant-${topic.2}' },
      { name: 'late', filter: 'plant/7/state', drop: true },
    ]
    assert.deepEqual(judge(rules, 'plant/7/debug', 'x'), { kind: 'dropped', rule: 'noise' })
    const passed = judge(rules, 'plant/7/state', 'x')
    assert.equal(passed.kind === 'passed' && `${passed.rule} ${passed.message.route}`, 'plants plant-7')
    assert.equal(judge(rules, 'office/1', 'x').rule, 'unmatched')
    assert.deepEqual(judge(rules, 'office/1', 'x', 'drop'), { kind: 'dropped', rule: 'unmatched' })
  })

  const payload =
    '{"t":20.0,"state":"RUN","on":true,"deep":{"n":9007199254740993},"empty":"",' +
    '"near":1.00000000000000000001,"tenth":0.10,"text":"90","hex":"0x10","blank":" 90 ","yes":"true"}'
  for (const [condition, holds] of [
    [{ place: 'payload.t', is: 20 }, true],
    [{ place: 'payload.t', is: '20' }, true],
    [{ place: 'payload.t', above: 20 }, false],
    [{ place: 'payload.t', above: 19.9, below: 20.1 }, true],
    [{ place: 'payload.state', is: ['STOP', 'RUN'] }, true],
    [{ place: 'payload.state', above: 0 }, false],
    [{ place: 'payload.empty', below: 1 }, false],
    [{ place: 'payload.on', is: true }, true],
    [{ place: 'payload.deep.n', is: '9007199254740993' }, true],
    [{ place: 'payload.deep.n', is: 9007199254740992 }, false],
    [{ place: 'payload.deep.n', above: 9007199254740992 }, true],
    [{ place: 'payload.deep.n', below: 9007199254740994 }, true],
    [{ place: 'payload.t', is: 20 - 2 ** -48 }, false],
    [{ place: 'payload.near', is: 1 }, false],
    [{ place: 'payload.near', above: 1 }, true],
    [{ place: 'payload.tenth', is: 0.1 }, true],
    [{ place: 'payload.text', is: '90' }, true],
    [{ place: 'payload.text', is: 90 }, false],
    [{ place: 'payload.text', above: 80 }, false],
    [{ place: 'payload.text', above: 80, coerce: true }, true],
    [{ place: 'payload.hex', is: 16, coerce: true }, false],
    [{ place: 'payload.blank', is: 90, coerce: true }, false],
    [{ place: 'payload.yes', is: true }, false],
    [{ place: 'payload.yes', is: true, coerce: true }, true],
    [{ place: 'payload.on', is: 'true' }, true],
    [{ place: 'payload.gone', present: false }, true],
    [{ place: 'payload.gone', is: 'x' }, false],
    [{ place: 'payload.t', present: false }, false],
    [{ place: 'payload.gone|topic.2', is: 7 }, true],
    [{ place: 'qos', is: 1 }, true],
    [{ place: 'retain', is: false }, true],
  ] satisfies readonly (readonly [Condition, boolean])[]) {
    it(`${JSON.stringify(condition)} ${holds ? 'holds' : 'does not hold'}`, () => {
      assert.equal(judge([{ name: 'r', when: [condition] }], 'plant/7/state', payload).rule, holds ? 'r' : 'unmatched')
    })
  }

  it('want all conditions', () => {
    const when = [
      { place: 'topic.2', is: 7 },
      { place: 'payload.t', above: 50 },
    ]
    assert.equal(judge([{ name: 'r', when }], 'plant/7/state', payload).rule, 'unmatched')
  })

  it('keep, remove, rename and set fields, and leave numbers as they were written', () => {
    const source = '{"n":9007199254740993,"x":1.0,"list":[1e2,{"a":null}],"s":"ä\\n"}'
    assert.equal(text({ remove: ['x'] }, source), '{"n":9007199254740993,"list":[1e2,{"a":null}],"s":"ä\\n"}')
    assert.equal(
      text({ keep: ['n', 'x'], rename: [{ field: 'n', to: 'count' }] }, source),
      '{"count":9007199254740993,"x":1.0}',
    )
    assert.equal(
      text(
        {
          keep: ['x'],
          set: [
            { field: 'site', to: 'p-${topic.2}' },
            { field: 'x', to: '${payload.n}' },
          ],
        },
        source,
      ),
      '{"x":"9007199254740993","site":"p-7"}',
    )
    assert.equal(text({ set: [{ field: '__proto__', to: 'x' }] }, '{}'), '{"__proto__":"x"}')
  })

  it('leave fields in their order and values as they were written', () => {
    const source = '{ "b" : 1.0, "10":{ "y": 1, "2": "}" }, "2": [ 1e2 ,"\\"," ], "gone":0, "":"" }'
    assert.equal(
      text({ remove: ['gone'], rename: [{ field: '2', to: '3' }] }, source),
      '{"b":1.0,"10":{ "y": 1, "2": "}" },"3":[ 1e2 ,"\\"," ],"":""}',
    )
    assert.equal(text({ remove: ['gone'] }, '{}'), '{}')
    assert.equal(text({ remove: ['gone'] }, '{"a":1,"b":2,"\\u0061":3}'), '{"a":3,"b":2}')
  })

  it('fail where a new name is taken, and swap names', () => {
    const rename = [{ field: 'a', to: 'b' }]
    for (const source of ['{"a":1,"b":2}', '{"b":2,"a":1}']) {
      assert.equal(text({ rename }, source), 'b: a field is renamed to what another is called')
      assert.equal(text({ rename, remove: ['b'] }, source), '{"b":1}')
    }
    assert.equal(text({ rename: [...rename, { field: 'b', to: 'a' }] }, '{"a":1,"b":2}'), '{"b":1,"a":2}')
  })

  it('leave the payload alone, byte for byte, where they change no field', () => {
    assert.equal(text({ route: 'x' }, '{ "n" : 1.0 }'), '{ "n" : 1.0 }')
  })

  it('fail with the reason where they cannot be followed', () => {
    assert.match(text({ keep: ['a'] }, 'no json'), /^the payload is no JSON: /)
    assert.equal(text({ keep: ['a'] }, '[1]'), 'the payload is no JSON object')
    assert.equal(text({ route: '${payload.gone}' }, '{}'), 'route: a place of its template has no value')
    assert.equal(text({ set: [{ field: 'a', to: '${topic.9}' }] }, '{}'), 'a: a place of its template has no value')
  })

  it('are refused where a place or a template is none', () => {
    for (const rule of [
      { when: [{ place: 'weather', is: 1 }] },
      { route: '${nothing}' },
      { set: [{ field: 'a', to: '${' }] },
    ]) {
      assert.throws(() => new Rules({ rules: [{ name: 'r', ...rule }], unmatched: 'pass' }), isInvalid)
    }
  })

  it('count what they have said', () => {
    const rules = new Rules({ rules: [{ name: 'small', keep: ['a'] }], unmatched: 'drop' })
    for (const payload of ['{"a":1}', 'no']) rules.count(judgeSample(rules, { topic: 't', payload }))
    assert.deepEqual(rules.figures(), [
      { name: 'small', matched: 2, dropped: 0, failed: 1 },
      { name: 'unmatched', matched: 0, dropped: 0, failed: 0 },
    ])
  })
})

it('a sample says each thing that is not as expected', () => {
  const rules = new Rules({ rules: [{ name: 'r', route: 'there' }], unmatched: 'pass' })
  const expect = { rule: 'q', outcome: 'dropped', route: 'here', payload: 'x' } as const
  assert.deepEqual(
    sampleFaults(judgeSample(rules, { topic: 't', payload: 'x' }), { topic: 't', payload: 'x', expect }),
    ['rule: r, and it should be q', 'outcome: passed, and it should be dropped', 'route: there, and it should be here'],
  )
})
