/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of the connector */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RuleSettings } from '@hawser/connect/rules'
import { rulesFaults } from './rules-lint.ts'

const sample = (rule: string) => ({ topic: 't', payload: '', expect: { rule, outcome: 'passed' as const } })

/** Of rules that are all tried. */
function faultsOf(rules: readonly Omit<RuleSettings, 'name'>[], further: object = {}): readonly string[] {
  const named = rules.map((rule, index) => ({ name: 'abcdef'.charAt(index), ...rule }))
  const samples = named.map(({ name }) => sample(name))
  return rulesFaults({ filters: ['#'], rules: named, samples, ...further })
}

const unreached = (later: string, earlier: string): string =>
  `${later} is never reached: ${earlier} takes all that it would`

describe('the lint of rules', () => {
  it('names rules that no sample tries', () => {
    const rules = [{ name: 'a' }, { name: 'b', filter: 'y' }]
    assert.deepEqual(rulesFaults({ filters: ['#'], rules, samples: [] }), [
      'no sample is expected to match a',
      unreached('b', 'a'),
    ])
  })

  it('names rules whose topics an earlier one takes', () => {
    for (const [earlier, later] of [
      ['x/+', 'x/+'],
      ['x/+', 'x/b'],
      ['x/#', 'x/+/c'],
      ['x/#', 'x'],
      ['+/b/#', 'x/b/+'],
    ] as const) {
      assert.deepEqual(faultsOf([{ filter: earlier }, { filter: later, drop: true }]), [unreached('b', 'a')], later)
    }
    for (const [earlier, later] of [
      ['x/b', 'x/+'],
      ['x/+', 'x/#'],
      ['x/+', 'y/+'],
    ] as const) {
      assert.deepEqual(faultsOf([{ filter: earlier }, { filter: later }]), [], later)
    }
  })

  it('knows that an earlier one with conditions takes what meets more of them', () => {
    const hot = { place: 'payload.temperature', above: 80 }
    const loud = { place: 'qos', is: 2 }
    assert.deepEqual(faultsOf([{ when: [hot] }, { filter: 'x', when: [loud, { ...hot }] }]), [unreached('b', 'a')])
    assert.deepEqual(faultsOf([{ when: [hot, loud] }, { when: [hot] }, { when: [{ ...hot, above: 90 }] }]), [])
  })

  it('names rules whose topics never come to the connector', () => {
    const rules = [{ filter: 'y/+' }, { filter: 'x/+' }, {}]
    assert.deepEqual(faultsOf(rules, { filters: ['x/#', 'z/a'] }), [
      'a is never reached: no filter of the connector lets its topics in',
    ])
  })

  it('names a route that nothing reads', () => {
    const rules = [{ route: 'alarms' }]
    assert.deepEqual(faultsOf(rules, { topic: 'route', deep: [{ key: '${topic.1}' }] }), [
      'no template of the connector reads the route of a',
    ])
    assert.deepEqual(faultsOf(rules, { deep: [{ key: 'x-${topic.9| route }' }] }), [])
  })
})
