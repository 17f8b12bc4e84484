import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PrometheusSyntaxError, parsePrometheusText } from './prometheus-text.ts'

describe('Prometheus text', () => {
  it('reads names, labels, values and timestamps', () => {
    const { samples } = parsePrometheusText(
      [
        '# HELP a_total What a counts.',
        '# TYPE a_total counter',
        'a_total{path="C:\\\\DIR",say="\\"hi\\"\\n",} 1.5e3 1395066363000',
        'a_total{path="/"} +Inf',
        '',
        '# a comment',
        'b NaN',
        'c{} -0.25',
        '',
      ].join('\n'),
    )
    assert.deepEqual(samples.get('a_total'), [
      { labels: { path: 'C:\\\\DIR', say: '\\"hi\\"\\n' }, value: 1500 },
      { labels: { path: '/' }, value: Number.POSITIVE_INFINITY },
    ])
    assert.deepEqual(samples.get('b'), [{ labels: {}, value: Number.NaN }])
    assert.deepEqual(samples.get('c'), [{ labels: {}, value: -0.25 }])
  })

  const faults: readonly (readonly [string, string])[] = [
    ['cut off', 'a 1'],
    ['no value', 'a\n'],
    ['a value that is none', 'a one\n'],
    ['a bad name', '9a 1\n'],
    ['an open label', 'a{b="c} 1\n'],
    ['a label without quotes', 'a{b=c} 1\n'],
    ['a label twice', 'a{b="c",b="d"} 1\n'],
    ['a bad escape', 'a{b="\\x"} 1\n'],
    ['a sample twice', 'a 1\na 1\n'],
    ['an unknown type', '# TYPE a speed\n'],
    ['a type twice', '# TYPE a gauge\n# TYPE a gauge\n'],
    ['a type after its samples', 'a 1\n# TYPE a gauge\n'],
    ['a page', '<html></html>\n'],
  ]
  for (const [name, text] of faults) {
    it(`refuses ${name}`, () => assert.throws(() => parsePrometheusText(text), PrometheusSyntaxError))
  }
})
