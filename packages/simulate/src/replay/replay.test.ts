import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { HawserError, type Random, seededRandom, systemClock, systemRandom } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { startCuttingProxy } from '../testing/cutting-proxy.ts'
import { skipWithoutMosquitto, startMosquitto } from '../testing/mosquitto.ts'
import { Observer, type Seen } from '../testing/observer.ts'
import { replay } from './replay.ts'
import type { ReplayContext, ReplayOptions, ReplayReport } from './replay-types.ts'

/** Mosquitto's queues hold 1,000 messages for each client and drop more: our observer may be slower than the replay. */
const patient = ['max_queued_messages 0', 'max_inflight_messages 0']

async function recording(rows: number): Promise<{ readonly path: string } & AsyncDisposable> {
  const folder = await temporaryFolder()
  const path = join(folder.path, 'recording.csv')
  const lines = Array.from({ length: rows }, (_, row) => `2015-02-02 14:${String(row % 60).padStart(2, '0')}:00,${row}`)
  await writeFile(path, `timestamp,value\n${lines.join('\n')}\n`)
  return { path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

const contextFor = (url: string, over: Partial<ReplayContext> = {}): ReplayContext => ({
  url,
  clock: systemClock,
  random: systemRandom,
  signal: new AbortController().signal,
  log: () => {},
  ...over,
})

const optionsFor = (file: string, over: Partial<ReplayOptions> = {}): ReplayOptions => ({
  file,
  topic: 'replay/test',
  qos: 2,
  speed: 'max',
  ...over,
})

const valuesOf = (observer: Observer): readonly number[] =>
  observer.seen.map(({ payload }) => JSON.parse(payload).value)
const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, value) => value)
const isLast = (rows: number) => (seen: readonly Seen[]) => seen.at(-1)?.payload.endsWith(`:${rows - 1}}`) === true

/** Connections break after a random number of bytes: often at first, and then more and more seldom. */
const cutsAtRandom = (random: Random): (() => number) => {
  let most = 4_000
  return () => {
    most *= 1.5
    return 500 + random.integer(most)
  }
}

describe('replay against Mosquitto', { skip: skipWithoutMosquitto }, () => {
  for (const qos of [0, 1, 2] as const) {
    for (const protocolVersion of [4, 5] as const) {
      it(`publishes every row in order at QoS ${qos}, MQTT ${protocolVersion}`, async () => {
        const rows = 3_000
        await using file = await recording(rows)
        await using broker = await startMosquitto(patient)
        await using observer = await Observer.open(broker.url, 'replay/#')
        const report = await replay(optionsFor(file.path, { qos }), contextFor(broker.url, { protocolVersion }))
        await observer.until(isLast(rows))
        assert.deepEqual(valuesOf(observer), numbers(rows))
        assert.equal(observer.seen[1]?.payload, '{"timestamp":"2015-02-02 14:01:00","value":1}')
        assert.deepEqual(
          { ...report, seconds: 0 },
          {
            sent: rows,
            acknowledged: qos === 0 ? 0 : rows,
            refused: [],
            resent: 0,
            uncertain: 0,
            resumedAt: 0,
            seconds: 0,
            complete: true,
          },
        )
      })
    }
  }

  it('keeps within the receive maximum of the broker', async () => {
    await using file = await recording(500)
    await using broker = await startMosquitto(['max_inflight_messages 3'])
    const report = await replay(optionsFor(file.path), contextFor(broker.url))
    assert.equal(report.acknowledged, 500)
  })

  for (const seed of [1, 2, 3]) {
    it(`QoS 2: each row exactly once and in order, whatever breaks when (seed ${seed})`, async () => {
      const rows = 2_000
      await using file = await recording(rows)
      await using broker = await startMosquitto(patient)
      await using proxy = await startCuttingProxy(broker.port, cutsAtRandom(seededRandom(seed)))
      await using observer = await Observer.open(broker.url, 'replay/#')
      const report = await replay(optionsFor(file.path, { windowRows: 200 }), contextFor(proxy.url))
      await observer.until(isLast(rows))
      assert.deepEqual(valuesOf(observer), numbers(rows))
      assert.ok(proxy.cuts > 3, `only ${proxy.cuts} connections broke`)
      assert.equal(report.uncertain, 0)
      assert.equal(report.acknowledged, rows)
      assert.ok(report.resent > 0)
    })
  }

  it('QoS 1: none is missing, and what is there twice is within what was resent', async () => {
    const rows = 2_000
    await using file = await recording(rows)
    await using broker = await startMosquitto(patient)
    await using proxy = await startCuttingProxy(broker.port, cutsAtRandom(seededRandom(4)))
    await using observer = await Observer.open(broker.url, 'replay/#')
    const report = await replay(optionsFor(file.path, { qos: 1, windowRows: 200 }), contextFor(proxy.url))
    await observer.until(isLast(rows))
    const values = valuesOf(observer)
    assert.deepEqual([...new Set(values)], numbers(rows))
    assert.ok(proxy.cuts > 3)
    assert.ok(values.length - rows <= report.resent)
  })

  it('says how many rows are uncertain when the broker has lost the session, and sends them again', async () => {
    const rows = 5_000
    await using file = await recording(rows)
    await using broker = await startMosquitto(['persistence false', ...patient])
    let killed = false
    const onProgress = ({ acknowledged }: { acknowledged: number }): void => {
      if (killed || acknowledged === 0) return
      killed = true
      void broker.stop('SIGKILL').then(() => broker.start())
    }
    const options = optionsFor(file.path, { speed: 60 * 1_000, timeColumn: 'timestamp', windowRows: 500 })
    const report = await replay(options, contextFor(broker.url, { onProgress }))
    assert.ok(killed)
    assert.equal(report.acknowledged, rows)
    assert.equal(report.uncertain, report.resent)
  })

  it('an interrupted replay says so, and another goes on from its resume file', async () => {
    const rows = 3_000
    await using file = await recording(rows)
    await using broker = await startMosquitto(patient)
    await using observer = await Observer.open(broker.url, 'replay/#')
    const abort = new AbortController()
    const resume = `${file.path}.resume`
    void observer.until((seen) => seen.length > 100).then(() => abort.abort())
    const slow = optionsFor(file.path, { resume, speed: 60_000, timeColumn: 'timestamp' })
    const first = await replay(slow, contextFor(broker.url, { signal: abort.signal }))
    assert.equal(first.complete, false)
    assert.ok(first.acknowledged < rows && first.acknowledged === first.sent)
    const second = await replay(optionsFor(file.path, { resume }), contextFor(broker.url))
    assert.equal(second.resumedAt, first.acknowledged)
    assert.ok(second.complete)
    await observer.until(isLast(rows))
    assert.deepEqual(valuesOf(observer), numbers(rows))
    const third = await replay(optionsFor(file.path, { resume }), contextFor(broker.url))
    assert.deepEqual([third.resumedAt, third.sent, third.complete], [rows, rows, true])
  })

  it('killed again and again, QoS 2 with a resume file is still exactly once', { timeout: 60_000 }, async () => {
    const rows = 6_000
    await using file = await recording(rows)
    await using broker = await startMosquitto(patient)
    await using observer = await Observer.open(broker.url, 'replay/#')
    const random = seededRandom(9)
    const resume = `${file.path}.resume`
    const script = join(import.meta.dirname, '..', 'testing', 'replay-process.ts')
    let kills = 0
    for (;;) {
      const child = spawn(process.execPath, [script, file.path, broker.url, resume], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const target = observer.seen.length + 50 + random.integer(1_500)
      const exited = once(child, 'exit').then(([code]) => Number(code ?? -1))
      const reached = observer.until((seen) => seen.length >= Math.min(target, rows)).then(() => 'reached' as const)
      if ((await Promise.race([exited, reached])) === 'reached' && kills < 5) child.kill('SIGKILL')
      const code = await exited
      if (code === 0) break
      assert.equal(code, -1)
      kills += 1
    }
    await observer.until(isLast(rows))
    assert.ok(kills >= 3, `${kills} kills`)
    assert.deepEqual(valuesOf(observer), numbers(rows))
  })

  it('stops at the first refusal, and names the row', async () => {
    await using folder = await temporaryFolder()
    const acl = join(folder.path, 'acl')
    await writeFile(acl, 'topic read #\n')
    await using file = await recording(500)
    await using broker = await startMosquitto([`acl_file ${acl}`])
    const report: ReplayReport = await replay(optionsFor(file.path, { qos: 1 }), contextFor(broker.url))
    assert.equal(report.complete, false)
    assert.equal(report.refused[0], 0)
    assert.equal(report.acknowledged, 0)
  })

  it('gives up on a broker that is silent for too long', async () => {
    await using file = await recording(10)
    await using broker = await startMosquitto()
    await broker.stop('SIGKILL')
    await assert.rejects(
      replay(optionsFor(file.path, { giveUpSeconds: 0.3 }), contextFor(broker.url)),
      (error) => error instanceof HawserError && error.code === 'BROKER_UNREACHABLE' && error.retryable,
    )
  })
})

describe('resume file', () => {
  const url = 'mqtt://127.0.0.1:9'

  it('of another recording, topic or version is refused before anything is sent', async () => {
    await using file = await recording(10)
    const resume = `${file.path}.resume`
    const resumed = optionsFor(file.path, { resume, giveUpSeconds: 0.01 })
    await assert.rejects(replay(resumed, contextFor(url)), { code: 'BROKER_UNREACHABLE' })
    const saved = JSON.parse(await readFile(resume, 'utf8'))
    assert.deepEqual([saved.version, saved.completed, saved.received], [1, 0, 0])
    await assert.rejects(replay({ ...resumed, topic: 'another' }, contextFor(url)), /a replay with another topic/)
    await writeFile(file.path, 'timestamp,value\n1,1\n')
    await assert.rejects(replay(resumed, contextFor(url)), /other content of the recording/)
    await writeFile(resume, JSON.stringify({ ...saved, version: 2 }))
    await assert.rejects(replay(resumed, contextFor(url)), { code: 'DATA_DIR_VERSION' })
    await writeFile(resume, '{"version":1')
    await assert.rejects(replay(resumed, contextFor(url)), { code: 'DATA_DIR_VERSION' })
  })

  it('and a pace that cannot be are refused with a mend', async () => {
    await using file = await recording(10)
    await assert.rejects(replay(optionsFor(file.path, { speed: 100 }), contextFor(url)), /needs to know when/)
    await assert.rejects(replay(optionsFor('/none.csv'), contextFor(url)), { code: 'USAGE' })
    const unwritable = optionsFor(file.path, { resume: '/proc/none/resume' })
    await assert.rejects(replay(unwritable, contextFor(url)), { code: 'DATA_DIR_UNUSABLE' })
  })
})
