/** What another broker has, on its way into the log; published there by a client that is not ours. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { MessageLog } from '@hawser/engine'
import { createMemoryLog, createMemoryState } from '@hawser/engine/memory'
import { openLocalEngine } from '@hawser/engine-local'
import { systemClock as clock, milliseconds, seededRandom } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { connectAsync, type IClientPublishOptions } from 'mqtt'
import { skipWithoutMosquitto, startLastingMosquitto } from '../../../../test/servers/mosquitto.ts'
import { contractLog, watched } from '../contract/bench-log.ts'
import { openLogEntrance } from '../source/log-entrance.ts'
import { runSource } from '../source/run-source.ts'
import { type MqttBridgeOptions, mqttBridge } from './mod.ts'
import { contents, last } from './testing/log-contents.ts'

const limits = { backoffMsMin: milliseconds(5), backoffMsMax: milliseconds(50) }
const versions = ['3.1.1', '5.0'] as const

type Options = Pick<MqttBridgeOptions, 'state' | 'peer'> & Partial<MqttBridgeOptions>

function takeIn(log: MessageLog, options: Options) {
  const { publish } = openLogEntrance(log, clock, 'bridge')
  const [source] = mqttBridge({ name: 'in', direction: 'in', filters: ['#'], clock, ...options }).sources
  assert.ok(source)
  const { signal } = new AbortController()
  return watched((onChange) =>
    runSource({ log, publish, source, clock, random: seededRandom(1), signal, limits, onChange }),
  )
}

/** Resolves once the log has so many. */
async function holds(log: MessageLog, count: number): Promise<void> {
  const end = () => log.partitions()[0]?.end ?? 0
  if (end() >= count) return
  const { promise, resolve } = Promise.withResolvers<void>()
  using _commits = log.onCommit(() => end() >= count && resolve())
  await promise
}

async function publisher(url: string, protocolVersion: 4 | 5 = 5) {
  const client = await connectAsync(url, { protocolVersion })
  return {
    publish: (topic: string, payload: string, options: IClientPublishOptions = { qos: 1 }) =>
      client.publishAsync(topic, payload, options),
    [Symbol.asyncDispose]: () => client.endAsync(),
  }
}

describe('another broker as a source', { skip: skipWithoutMosquitto, timeout: 120_000 }, () => {
  for (const version of versions) {
    it(`${version}: has its topics under our prefix, at their QoS, and what is retained is retained`, async () => {
      await using server = await startLastingMosquitto()
      await using state = createMemoryState()
      await using log = contractLog()
      await using device = await publisher(server.url)
      await device.publish('site/7/kept', 'old', { qos: 1, retain: true })
      await device.publish('site/8/kept', 'other', { qos: 1, retain: true })
      const prefixes = { localPrefix: 'plant/', remotePrefix: 'site/7/', filters: ['plant/#'] }
      await using taken = takeIn(log, { state, peer: { url: server.url, version }, ...prefixes })
      await taken.until(({ state: { kind } }) => kind === 'running')
      await holds(log, 1)
      const properties = { contentType: 'text/plain', userProperties: { unit: 'K' } }
      await device.publish('site/7/a', '0', { qos: 0 })
      await device.publish('site/7/a', '1', { qos: 1, properties })
      await device.publish('site/7/kept', 'new', { qos: 1, retain: true })
      await device.publish('site/7/a', '2', { qos: 2 })
      await holds(log, 5)
      const all = await contents(log)
      assert.deepEqual(
        all.map(({ topic, payload, qos, retain }) => `${topic} ${payload} ${qos} ${retain}`),
        [
          'plant/kept old 1 true',
          'plant/a 0 0 false',
          'plant/a 1 1 false',
          'plant/kept new 1 true',
          'plant/a 2 2 false',
        ],
      )
      assert.deepEqual(all[2]?.origin, [`${log.id}:in`])
      assert.equal(all[4]?.eventId, `${log.id}:in/1`)
    })

    it(`${version}: keeps for us what comes while we are away, and does not bring what is retained again`, async () => {
      await using server = await startLastingMosquitto()
      await using state = createMemoryState()
      await using log = contractLog()
      await using device = await publisher(server.url)
      await device.publish('kept', 'x', { qos: 1, retain: true })
      const peer = { url: server.url, version }
      {
        await using _taken = takeIn(log, { state, peer })
        await holds(log, 1)
      }
      for (let number = 0; number < 200; number++) await device.publish('t', `${number}`, { qos: number % 2 ? 1 : 2 })
      await using taken = takeIn(log, { state, peer })
      await taken.until(({ state: { kind } }) => kind === 'running')
      await holds(log, 201)
      const all = (await contents(log)).slice(1)
      const of = (qos: number) => all.filter((one) => one.qos === qos).map(({ payload }) => Number(payload))
      assert.deepEqual(
        of(1),
        Array.from({ length: 100 }, (_, index) => 2 * index + 1),
      )
      assert.deepEqual(
        of(2),
        Array.from({ length: 100 }, (_, index) => 2 * index),
      )
    })

    it(`${version}: loses nothing to kills at any instant, and has at QoS 2 each message once`, async () => {
      await using server = await startLastingMosquitto()
      await using folder = await temporaryFolder()
      const script = fileURLToPath(new URL('./testing/source-to-kill.ts', import.meta.url))
      const run = () =>
        spawn(process.execPath, [script, server.url, folder.path, version], { stdio: ['ignore', 'pipe', 'inherit'] })
      // Its session is there once it has taken something.
      const first = run()
      await using device = await publisher(server.url)
      await device.publish('t/first', 'first', { qos: 1, retain: true })
      await once(first.stdout, 'data')
      first.kill('SIGKILL')
      await once(first, 'exit')
      const random = seededRandom(version === '5.0' ? 5 : 4)
      const rounds = 8
      const ofRound = 100
      for (let round = 0; round < rounds; round++) {
        const child = run()
        const exited = once(child, 'exit')
        let left = 1 + random.integer(ofRound)
        child.stdout.on('data', (chunk: Buffer) => {
          left -= chunk.toString().split('\n').length - 1
          if (left <= 0) child.kill('SIGKILL')
        })
        for (let number = round * ofRound; number < (round + 1) * ofRound; number += 10) {
          const some = Array.from({ length: 10 }, (_, index) => {
            const qos = (1 + (index % 2)) as 1 | 2
            return device.publish(`t/${qos}`, `${number + index}`, { qos })
          })
          await Promise.all(some)
        }
        assert.deepEqual(await exited, [null, 'SIGKILL'])
      }
      for (const [index, payload] of last.entries())
        await device.publish('t/end', payload, { qos: (index + 1) as 1 | 2 })
      const undisturbed = run()
      undisturbed.stdout.resume()
      assert.deepEqual(await once(undisturbed, 'exit'), [0, null])
      await using engine = await openLocalEngine({ folder: folder.path, clock, random })
      const all = await contents(engine.log)
      const of = (qos: number) => all.filter(({ topic }) => topic === `t/${qos}`).map(({ payload }) => Number(payload))
      const each = (rounds * ofRound) / 2
      assert.equal(new Set(of(1)).size, each)
      assert.deepEqual(
        of(2),
        Array.from({ length: each }, (_, number) => 2 * number + 1),
      )
    })
  }

  it('is answered only once the log has the message', async () => {
    await using server = await startLastingMosquitto()
    const commits: (() => void)[] = []
    await using log = createMemoryLog({ schedule: (flush) => commits.push(flush) })
    await using state = createMemoryState()
    await using device = await publisher(server.url)
    await using taken = takeIn(log, { state, peer: { url: server.url }, inFlightMax: 10 })
    await taken.until(({ state: { kind } }) => kind === 'running')
    for (let number = 0; number < 50; number++) await device.publish('t', `${number}`)
    // It sends no more than ten that have no answer, and the log has committed none.
    while (log.lastTicket < 9) await new Promise((resolve) => setImmediate(resolve))
    await device.publish('t', 'probe')
    assert.equal(log.lastTicket, 9)
    assert.equal(taken.run.view().written, 0)
    while (log.partitions()[0]?.end !== 51) {
      for (const commit of commits.splice(0)) commit()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await taken.run[Symbol.asyncDispose]()
    assert.equal(taken.run.view().written, 51)
  })

  it('that is killed and comes back is found again', async () => {
    await using server = await startLastingMosquitto()
    await using log = contractLog()
    await using state = createMemoryState()
    await using taken = takeIn(log, { state, peer: { url: server.url } })
    await taken.until(({ state: { kind } }) => kind === 'running')
    for (let round = 1; round <= 3; round++) {
      {
        await using device = await publisher(server.url)
        for (let number = 0; number < 50; number++) await device.publish('t', `${round} ${number}`)
      }
      await holds(log, round * 50)
      await server.stop('SIGKILL')
      await taken.until(({ state: { kind } }) => kind === 'lagging')
      await server.start()
      await taken.until(({ state: { kind } }) => kind === 'running')
    }
    assert.equal(new Set((await contents(log)).map(({ payload }) => payload)).size, 150)
  })

  it('that does not let us in is a failure with the mend, and no password in it', async () => {
    await using server = await startLastingMosquitto(['allow_anonymous false'])
    await using log = contractLog()
    await using state = createMemoryState()
    const peer = { url: server.url, username: 'me', password: 'a-secret-word' }
    await using taken = takeIn(log, { state, peer })
    const { state: failed } = await taken.until((view) => view.state.kind === 'failed')
    assert.match(JSON.stringify(failed), /not authorized.*then resume the connector/i)
    assert.doesNotMatch(JSON.stringify(taken.run.view()), /a-secret-word/)
  })
})
