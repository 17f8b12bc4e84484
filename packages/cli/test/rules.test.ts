/** Rules of a connector in a real `hawser up`, with a file as its sink. */
/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of the connector */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { ConnectorSnapshot } from '@hawser/admin'
import { milliseconds, sleep, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { runHawserProcess, startHawser } from '../src/testing/running-hawser.ts'

const configuration = `
scenarios: []
connectors:
  - kind: file
    name: raw
    folder: raw
    filters: [t/+]
    unmatched: drop
    rules:
      - name: small
        filter: t/a
        keep: [v]
        set: [{ field: from, to: '\${topic.2}' }]
`

describe('rules', { timeout: 120_000 }, () => {
  it('change what leaves, and are counted', async ({ signal }) => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'hawser.yaml')
    const dataDir = join(folder.path, 'data')
    await writeFile(file, configuration)
    const ports = ['--mqtt-port', '0', '--ws-port', '0', '--http-port', '0']
    await using hawser = startHawser(['up', ...ports, '--config', file, '--data-dir', dataDir])
    const [, port = ''] = await hawser.prints(/npx hawser pub -p (\d+)/)
    const [, httpPort = ''] = await hawser.prints(/http:\/\/[\d.]+:(\d+)/)
    const tell = async (...words: string[]): Promise<string> =>
      (await runHawserProcess(['connector', ...words, '--http-port', httpPort, '--data-dir', dataDir])).stdout
    for (const [topic, payload] of [
      ['t/a', '{"v":1.50,"w":2}'],
      ['t/b', '{"v":2}'],
      ['t/a', 'no json'],
    ] as const)
      await runHawserProcess(['pub', '-p', port, '-q', '1', '-t', topic, '-m', payload])
    let shown: ConnectorSnapshot
    do {
      await sleep(systemClock, milliseconds(50), signal)
      shown = JSON.parse(await tell('show', 'raw', '--json'))
    } while (shown.written + shown.deadLetters + shown.dropped < 3)
    assert.deepEqual(shown.rules, [
      { name: 'small', matched: 2, dropped: 0, failed: 1 },
      { name: 'unmatched', matched: 1, dropped: 1, failed: 0 },
    ])
    assert.match(await tell('show', 'raw'), /rule small +2 matched, 0 dropped, 1 failed\n/)
    assert.match(await tell('dead-letters', 'raw'), /t\/a: rule small: the payload is no JSON/)
    const metrics = await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text()
    assert.match(metrics, /hawser_connector_rule_total\{connector="raw",rule="small",outcome="failed"\} 1\n/)
    assert.match(metrics, /hawser_connector_dropped_total\{connector="raw"\} 1\n/)
    await tell('pause', 'raw')
    await runHawserProcess(['pub', '-p', port, '-q', '1', '-t', 't/a', '-m', '{"v":3,"w":1}'])
    await runHawserProcess(['pub', '-p', port, '-q', '1', '-t', 't/z', '-m', 'x'])
    assert.match(
      await tell('dry-run', 'raw'),
      /^\S+\/\d+\/\d+ t\/a: passed by small: \{"v":3,"from":"a"\}\n\S+ t\/z: dropped by unmatched\n$/,
    )
    assert.equal(JSON.parse(await tell('dry-run', 'raw', '--limit', '1', '--json')).length, 1)
    hawser.kill('SIGINT')
    await hawser.ended
    const lines = await readFile(join(dataDir, 'raw', 'messages-000001.ndjson'), 'utf8')
    assert.match(lines, /^\{[^\n]*"payload":\{"v":1\.50,"from":"a"\}\}\n$/)
  })
})
