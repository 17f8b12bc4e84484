/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of the connector */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { runHawserProcess } from '../testing/running-hawser.ts'

const configuration = `
connectors:
  - kind: kafka
    name: raw
    topic: \${route|topic.1}
    brokers: [127.0.0.1:9092]
    rules:
      - name: hot
        filter: plant/+/state
        when: [{ place: payload.machine_temperature, above: 80 }]
        route: alarms-\${topic.2}
        keep: [machine_temperature]
      - { name: north, when: [{ place: property.site, is: north }], keep: [machine_temperature] }
      - { name: noise, filter: 'plant/+/debug', drop: true }
    samples:
      - topic: plant/7/state
        payload: '{"machine_temperature":80.50,"other":1}'
        expect: { rule: hot, outcome: passed, route: alarms-7, payload: '{"machine_temperature":80.50}' }
      - topic: plant/7/state
        payload: '{"machine_temperature":20}'
        user_properties: [{ name: site, value: north }]
        expect: { rule: north, outcome: passed }
      - { topic: plant/7/debug, payload: x, expect: { rule: noise, outcome: dropped } }
      - { topic: plant/7/state, payload: '{"machine_temperature":20}', expect: { rule: unmatched, outcome: passed } }
`

/** One of its rules renames, and sets, beside what it does. */
const renaming = (rename: string, set = '[{ field: other, to: x }]'): string =>
  configuration.replace('        keep: ', `        rename: ${rename}\n        set: ${set}\n        keep: `)

describe('hawser connector test', () => {
  const test = async (text: string, ...words: readonly string[]) => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'hawser.yaml')
    await writeFile(file, text)
    return await runHawserProcess(['connector', 'test', ...words, '--config', file])
  }

  it('tries the samples', async () => {
    const { code, stdout } = await test(configuration)
    assert.deepEqual(
      [code, stdout.split('\n')],
      [
        0,
        [
          'raw: sample 1 on plant/7/state: as expected',
          'raw: sample 2 on plant/7/state: as expected',
          'raw: sample 3 on plant/7/debug: as expected',
          'raw: sample 4 on plant/7/state: as expected',
          '',
        ],
      ],
    )
  })

  it('says what is not as expected, what no sample tries, and fails', async () => {
    const text = configuration.replace('above: 80', 'above: 90').replace('rule: noise', 'rule: unmatched')
    const { code, stdout } = await test(text, 'raw')
    assert.equal(code, 1)
    assert.deepEqual(stdout.split('\n').slice(0, 4), [
      'raw: no sample is expected to match noise',
      'raw: sample 1 on plant/7/state: rule: unmatched, and it should be hot',
      'raw: sample 1 on plant/7/state: route: none, and it should be alarms-7',
      'raw: sample 1 on plant/7/state: payload: {"machine_temperature":80.50,"other":1}, and it should be {"machine_temperature":80.50}',
    ])
  })

  it('tries one message', async () => {
    const words = ['--topic', 'plant/3/state', '--payload', '{"machine_temperature":99}']
    const { code, stdout } = await test(configuration, 'raw', ...words)
    assert.deepEqual([code, stdout], [0, 'raw: hot: passed, route alarms-3: {"machine_temperature":99}\n'])
  })

  it('tries a message out of a file', async () => {
    await using folder = await temporaryFolder()
    const message = join(folder.path, 'message.json')
    const payload = '{"machine_temperature":3,"x":1}'
    await writeFile(
      message,
      JSON.stringify({ topic: 't', payload, qos: 2, user_properties: [{ name: 'site', value: 'north' }] }),
    )
    const { code, stdout } = await test(configuration, 'raw', '--message', message)
    assert.deepEqual([code, stdout], [0, 'raw: north: passed: {"machine_temperature":3}\n'])
    await writeFile(message, '{"topic":"t","payload":{"machine_temperature":3}}')
    const wrong = await test(configuration, 'raw', '--message', message)
    assert.equal(wrong.code, 2)
    assert.match(wrong.stderr, /message\.json is no message: payload: .*string/)
    const gone = await test(configuration, 'raw', '--message', join(folder.path, 'none'))
    assert.match(gone.stderr, /none is no message: ENOENT/)
  })

  it('names a route that no template reads', async () => {
    const { code, stdout } = await test(configuration.replace('${route|topic.1}', 'all'))
    assert.equal(code, 1)
    assert.match(stdout, /^raw: no template of the connector reads the route of hot$/m)
  })

  it('names what is wrong', async () => {
    const wrong = [
      [configuration, ['none'], 2, /no connector none has rules/],
      [configuration, ['--topic', 'x'], 2, /--topic and --payload/],
      [configuration.replace('name: noise', 'name: hot'), [], 3, /two rules have one name/],
      [configuration.replace(', above: 80', ''), [], 3, /give one of is, above, below, present/],
      [configuration.replace('above: 80', 'above: 9007199254740993'), [], 3, /a number past 2\^53 is not exact/],
      [renaming('[{ field: a, to: b }, { field: a, to: c }]'), [], 3, /rename has a field twice/],
      [renaming('[{ field: a, to: b }, { field: c, to: b }]'), [], 3, /rename and set make a field twice/],
      [renaming('[{ field: a, to: b }]', '[{ field: b, to: x }]'), [], 3, /rename and set make a field twice/],
      [configuration.replace('${topic.2}', '${weather}'), [], 3, /"weather" is no place/],
    ] as const
    for (const [text, words, expected, message] of wrong) {
      const { code, stderr } = await test(text, ...words)
      assert.match(stderr, message)
      assert.equal(code, expected)
    }
  })
})
