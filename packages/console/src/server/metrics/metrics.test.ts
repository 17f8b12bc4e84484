import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { metrics } from '@hawser/admin'
import { testConsole } from '../testing/test-console.ts'

/** Reads the exposition format by its own rules, not by the library that wrote it. */
function parsed(text: string) {
  const help = new Map<string, string>()
  const types = new Map<string, string>()
  const samples: { name: string; labels: string[]; value: number }[] = []
  for (const line of text.split('\n')) {
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line)
    if (comment) (comment[1] === 'HELP' ? help : types).set(comment[2] as string, comment[3] as string)
    const found = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line)
    if (!found) continue
    const [, name = '', labels = '', value] = found
    samples.push({
      name,
      labels: [...labels.matchAll(/(\w+)="/g)].map(([, label = '']) => label),
      value: Number(value),
    })
  }
  return { help, types, samples }
}

/** A histogram's samples have suffixes to its name. */
const family = (name: string): string => name.replace(/_seconds_(bucket|sum|count)$/, '_seconds')

describe('metrics', () => {
  it('shows every documented metric and no other, with help, type and documented labels', async () => {
    await using harness = await testConsole()
    const response = await harness.get('/metrics')
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
    const { help, types, samples } = parsed(await response.text())
    assert.deepEqual([...new Set(samples.map(({ name }) => family(name)))].sort(), Object.keys(metrics).sort())
    for (const [name, definition] of Object.entries(metrics)) {
      assert.equal(help.get(name), definition.help)
      assert.equal(types.get(name), definition.type)
      assert.equal(name.endsWith('_total'), definition.type === 'counter', `${name}: counters end in _total`)
    }
    for (const { name, labels, value } of samples) {
      const documented = [
        ...metrics[family(name) as keyof typeof metrics].labels,
        ...(name.endsWith('_bucket') ? ['le'] : []),
      ]
      assert.deepEqual(labels.sort(), documented.sort(), name)
      assert.ok(Number.isFinite(value), name)
    }
  })

  it('has no client, topic or machine among its labels', () => {
    const labels = new Set(Object.values(metrics).flatMap((definition) => [...definition.labels] as string[]))
    for (const label of ['client', 'client_id', 'topic', 'machine', 'machine_id', 'address', 'username']) {
      assert.ok(!labels.has(label), label)
    }
  })

  it('leaves out what cannot be read instead of showing 0', async () => {
    await using harness = await testConsole()
    harness.source.failure = 'gone'
    const { samples } = parsed(await (await harness.get('/metrics')).text())
    assert.deepEqual(
      samples.filter(({ name }) => name === 'hawser_up').map(({ value }) => value),
      [0],
    )
    assert.equal(
      samples.some(({ name }) => name === 'hawser_broker_publishes_received_total'),
      false,
    )
  })

  it('shows the values of the snapshot', async () => {
    await using harness = await testConsole()
    const { broker } = await harness.source.snapshot()
    const text = await (await harness.get('/metrics')).text()
    assert.match(
      text,
      new RegExp(`^hawser_broker_publishes_received_total\\{qos="1"\\} ${broker.publishes.received.qos1}$`, 'm'),
    )
    assert.match(text, /^hawser_broker_latency_seconds_bucket\{step="commit",le="\+Inf"\} 3$/m)
    assert.match(text, /^hawser_connector_state\{connector="postgres",state="running"\} 1$/m)
  })

  it('tells apart the processes that serve clients, where there are several', async () => {
    await using harness = await testConsole()
    harness.source.otherWorkers = ['lane-1', 'lane-2']
    const text = await (await harness.get('/metrics')).text()
    const { samples } = parsed(text)
    for (const name of ['hawser_broker_connections', 'hawser_log_records_committed_total', 'hawser_ledger_missing']) {
      const own = samples.filter((sample) => sample.name === name)
      assert.deepEqual(
        own.map(({ labels }) => labels),
        [['worker'], ['worker'], ['worker']],
        name,
      )
    }
    assert.match(text, /^hawser_broker_latency_seconds_count\{step="commit",worker="lane-2"\} 3$/m)
    assert.equal(samples.filter(({ name }) => name === 'hawser_log_open').length, 1)
    const { brokers } = await (await harness.get('/brokers')).json()
    assert.equal(brokers.length, 3)
  })
})
