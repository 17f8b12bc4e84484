import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HawserError, milliseconds, seededRandom } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import type { Finding } from './finding.ts'
import { type DoctorOptions, runDoctor } from './run-doctor.ts'
import { flow, noComponent } from './testing/check-context.ts'
import { FakeBroker } from './testing/fake-broker.ts'
import { FakeConsole } from './testing/fake-console.ts'

async function doctor(over: Partial<DoctorOptions>): Promise<{ findings: readonly Finding[]; seconds: number }> {
  const clock = new ManualClock()
  using _flow = flow(clock)
  const options: DoctorOptions = {
    console: new FakeConsole(),
    connect: new FakeBroker().connect,
    startComponent: noComponent,
    clock,
    random: seededRandom(1),
    timeout: milliseconds(9_000),
    defaultUrls: { tcp: 'mqtt://127.0.0.1:1', webSocket: 'ws://127.0.0.1:2' },
    scale: {},
    signal: new AbortController().signal,
    ...over,
  }
  const findings = await Array.fromAsync(runDoctor(options))
  return { findings, seconds: clock.monotonicMs() / 1000 }
}

const away = (): Promise<never> =>
  Promise.reject(new HawserError('BROKER_UNREACHABLE', 'no console answers', { retryable: true, mend: 'start it' }))

describe('doctor', () => {
  it('tells what each check found, in order', async () => {
    const { findings } = await doctor({})
    assert.deepEqual(
      findings.map(({ name }) => name.split(':')[0]).filter((name, index, all) => name !== all[index - 1]),
      ['console', 'part', 'broker', 'device', 'processor', 'log', 'connector', 'kpi', 'metrics'],
    )
  })

  it('without a console it names the part that it is, looks at the broker, and passes nothing unseen', async () => {
    const console = Object.assign(new FakeConsole(), { snapshot: away })
    const { findings, seconds } = await doctor({ console })
    const byStatus = Map.groupBy(findings, ({ status }) => status)
    assert.deepEqual(
      byStatus.get('failed')?.map(({ name, figure }) => `${name} ${figure}`),
      ['console no console answers; its process is the part core'],
    )
    assert.deepEqual(
      byStatus.get('passed')?.map(({ figure }) => figure.split(',')[0]),
      ['127.0.0.1:1', '127.0.0.1:2'],
    )
    assert.equal(byStatus.get('skipped')?.length, findings.length - 3)
    assert.ok(seconds < 10, `took ${seconds} s`)
  })

  it('names a console that takes the question and does not answer', async () => {
    const console = Object.assign(new FakeConsole(), { snapshot: () => new Promise(() => undefined) })
    const { findings, seconds } = await doctor({ console })
    assert.match(findings[0]?.figure ?? '', /takes the question and does not answer; its process is the part core/)
    assert.ok(seconds < 10, `took ${seconds} s`)
  })

  it('waits for a core that is on its way back, and names it', async () => {
    const console = new FakeConsole()
    const { snapshotNow } = console
    const core = snapshotNow.parts[0] ?? assert.fail()
    Object.assign(core, { restarts: 1, lastExit: 'signal SIGKILL', sinceMs: snapshotNow.atMs - 1000 })
    console.onLook = (looks) => {
      if (looks < 5) throw new HawserError('BROKER_UNREACHABLE', 'no console answers', { retryable: true })
    }
    const { findings } = await doctor({ console })
    const finding = findings.find(({ name }) => name === 'part:core')
    assert.equal(finding?.status, 'failed')
  })

  it('is done within the time that it has, whatever hangs', async () => {
    const never = (): Promise<never> => new Promise(() => undefined)
    const console = Object.assign(new FakeConsole(), { health: never, metrics: never, topics: never })
    const { findings, seconds } = await doctor({ console, connect: never })
    const hanging = ['console', 'broker:tcp', 'broker:websocket', 'devices', 'processor', 'metrics']
    for (const name of hanging) {
      const finding = findings.find((candidate) => candidate.name === name)
      assert.equal(finding?.status, 'failed', name)
      assert.match(finding.figure, /no answer within (9|10\.5) s/)
    }
    assert.ok(seconds <= 11, `took ${seconds} s`)
  })

  it('goes to the broker where it is told, and to all interfaces through the console’s host', async () => {
    const urls: string[] = []
    const broker = new FakeBroker()
    const connect: DoctorOptions['connect'] = (url, ...rest) => {
      urls.push(url)
      return broker.connect(url, ...rest)
    }
    const console = new FakeConsole()
    for (const listener of console.snapshotNow.broker.listeners) listener.host = '0.0.0.0'
    const far = Object.assign(console, { url: 'http://plant.example:8080' })
    await doctor({ console: far, connect, mqttUrl: 'mqtt://other.example:1884' })
    assert.deepEqual([...new Set(urls)].sort(), ['mqtt://other.example:1884', 'ws://plant.example:9001'])
  })

  it('checks the stop command only when asked', async () => {
    const { findings } = await doctor({ stopCheckId: 'sine1' })
    assert.equal(findings.at(-1)?.name, 'stop')
  })
})
