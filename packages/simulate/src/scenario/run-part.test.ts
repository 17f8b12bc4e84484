import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HawserError, seededRandom, systemClock, systemRandom } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import type { Climate } from '../model/climate-join.ts'
import { skipWithoutMosquitto, startMosquitto } from '../testing/mosquitto.ts'
import { Observer } from '../testing/observer.ts'
import { devicePart, processorPart, type ScenarioPart, subscriberPart } from './part.ts'
import { type RunPartContext, runPart } from './run-part.ts'

const climate: Climate = {
  heatIndexText: (temperature, humidity) => (temperature + humidity / 100).toFixed(2),
  dewPointText: (temperature, humidity) => (humidity > 100 ? undefined : (temperature - 10).toFixed(2)),
}

const contextFor = (url: string, over: Partial<RunPartContext> = {}): RunPartContext => ({
  url,
  clock: systemClock,
  random: systemRandom,
  signal: new AbortController().signal,
  climate,
  log: () => {},
  ...over,
})

describe('dry run', () => {
  const dryRun = async (part: ScenarioPart, seed: number): Promise<readonly string[]> => {
    const clock = new ManualClock()
    const lines: string[] = []
    const print = (line: string): void => {
      lines.push(line)
      queueMicrotask(() => setImmediate(() => clock.advance(3_000)))
    }
    await runPart(part, contextFor('mqtt://none.invalid', { dryRun: true, clock, random: seededRandom(seed), print }))
    return lines
  }

  it('prints the same for the same seed, for each device whatever stands beside it', async () => {
    const two = await dryRun(devicePart('vehicle', { ids: ['raspi-001', 'raspi-002'], count: 3 }), 1)
    const again = await dryRun(devicePart('vehicle', { ids: ['raspi-001', 'raspi-002'], count: 3 }), 1)
    const one = await dryRun(devicePart('vehicle', { ids: ['raspi-001'], count: 1 }), 1)
    assert.deepEqual(two, again)
    assert.equal(two.length, 6)
    assert.equal(two[0], one[0])
    assert.match(two[0] ?? '', /^fms\/data \{"vehicle_id":"raspi-001","timestamp":1700000000,/)
  })
})

describe('parts against Mosquitto', { skip: skipWithoutMosquitto }, () => {
  it('devices publish on their topics and end on stop, with an exit that is no failure', async () => {
    await using broker = await startMosquitto()
    await using observer = await Observer.open(broker.url, '#')
    const ids = ['MACHINE_001', 'MACHINE_002']
    const part = devicePart('machine', { ids, intervalSeconds: 0.01 })
    const running = runPart(part, contextFor(broker.url))
    await observer.until((seen) => new Set(seen.map(({ topic }) => topic)).size === 2)
    for (const id of ids) await observer.client.publishAsync(`feedback/${id}`, 'stop\n', { qos: 1 })
    await running
    const telemetry = observer.seen.filter(({ topic }) => topic === 'factory/machines/MACHINE_002/telemetry')
    assert.equal(JSON.parse(telemetry[0]?.payload ?? '').machine_id, 'MACHINE_002')
  })

  it('a retained stop of an earlier day stops nothing', async () => {
    await using broker = await startMosquitto()
    await using observer = await Observer.open(broker.url, 'sensoren/#')
    await observer.client.publishAsync('feedback/sine1', 'stop', { qos: 1, retain: true })
    const running = runPart(devicePart('sine', { intervalSeconds: 0.01 }), contextFor(broker.url))
    await observer.until((seen) => seen.length > 5)
    await observer.client.publishAsync('feedback/sine1', 'stop', { qos: 1 })
    await running
    assert.match(observer.seen[0]?.payload ?? '', /^-?\d\.\d{6}$/)
  })

  it('sends its last message before it disconnects', async () => {
    await using broker = await startMosquitto()
    await using observer = await Observer.open(broker.url, 'sensoren/#')
    await runPart(devicePart('sine', { intervalSeconds: 0.001, count: 50, qos: 1 }), contextFor(broker.url))
    await observer.until((seen) => seen.length === 50)
  })

  it('the processor joins temperature and humidity into retained values, and passes over what is no number', async () => {
    await using broker = await startMosquitto()
    await using observer = await Observer.open(broker.url, 'sensoren/+')
    const lines: string[] = []
    const abort = new AbortController()
    const log = (line: string): void => void lines.push(line)
    const running = runPart(processorPart(), contextFor(broker.url, { signal: abort.signal, log }))
    const publish = (topic: string, payload: string) => observer.client.publishAsync(topic, payload, { qos: 1 })
    const refused = () => lines.some((line) => line.includes('"broken" on sensoren/humidity is no number'))
    while (!refused()) await publish('sensoren/humidity', 'broken')
    await publish('sensoren/humidity', '50.00')
    const count = (topic: string) => observer.seen.filter((seen) => seen.topic === topic).length
    await publish('sensoren/temperature', '21.00')
    await observer.until(() => count('sensoren/heat_index') >= 1 && count('sensoren/dew_point') >= 1)
    await publish('sensoren/humidity', '150')
    await observer.until(() => count('sensoren/heat_index') >= 2)
    abort.abort()
    await running
    assert.equal(count('sensoren/dew_point'), 1)
    await using later = await Observer.open(broker.url, 'sensoren/+')
    await later.until((seen) => seen.length === 2)
    assert.deepEqual(
      later.seen.toSorted((a, b) => a.topic.localeCompare(b.topic)),
      [
        { topic: 'sensoren/dew_point', payload: '11.00', retain: true },
        { topic: 'sensoren/heat_index', payload: '22.50', retain: true },
      ],
    )
  })

  it('the subscriber prints topic and payload', async () => {
    await using broker = await startMosquitto()
    await using observer = await Observer.open(broker.url, '#')
    const printed = Promise.withResolvers<string>()
    const connected = Promise.withResolvers<void>()
    const context = contextFor(broker.url, { print: printed.resolve, log: () => connected.resolve() })
    const running = runPart(subscriberPart(), context)
    await connected.promise
    await observer.client.publishAsync('sensoren/sine1', '0.123456', { qos: 1, retain: true })
    assert.equal(await printed.promise, 'sensoren/sine1 0.123456')
    await observer.client.publishAsync('feedback/subscriber', 'stop', { qos: 1 })
    await running
  })

  it('a device outlives its broker, says so, and counts what it dropped', async () => {
    await using broker = await startMosquitto()
    const abort = new AbortController()
    const again = Promise.withResolvers<string>()
    const log = (line: string): void => {
      if (line.includes('again after')) again.resolve(line)
      else if (line.includes('connected to')) void broker.stop('SIGKILL').then(() => broker.start())
    }
    const part = devicePart('vehicle', { intervalSeconds: 0.005 })
    const running = runPart(part, contextFor(broker.url, { signal: abort.signal, log }))
    assert.match(await again.promise, /again after \d+ ms; [1-9]\d* messages dropped so far/)
    abort.abort()
    await running
  })

  it('refused for good, it fails with the reason instead of trying for ever', async () => {
    await using broker = await startMosquitto(['allow_anonymous false'])
    await assert.rejects(
      runPart(devicePart('sine'), contextFor(broker.url)),
      (error) => error instanceof HawserError && error.code === 'BROKER_REFUSED' && /Not authorized/.test(error.line),
    )
  })
})
