/** What goes to another broker, seen there by a client that is not ours. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeProperties, encodeProperties } from '@hawser/codec'
import { type LogId, partition, position } from '@hawser/engine'
import { createMemoryState } from '@hawser/engine/memory'
import { systemClock as clock, epochMicros } from '@hawser/std'
import { connectAsync } from 'mqtt'
import { skipWithoutMosquitto, startLastingMosquitto } from '../../../../test/servers/mosquitto.ts'
import type { Message } from '../connector.ts'
import { append, appendMany, committed, contractLog, isCaughtUp, watch } from '../contract/bench-log.ts'
import { eventIdOf, type UserProperties } from '../message/event-id.ts'
import { type ForwardForm, forwardOf } from './forward.ts'
import { mqttConnector } from './mod.ts'
import { linkId, originOf } from './origin.ts'
import { collect } from './testing/mqtt-under-test.ts'

const bounds = { packetBytesMax: 1_000, qosMax: 1, retains: true, logId: undefined } as const
const form: ForwardForm = {
  names: { link: 'north' },
  prefixes: { local: 'local/', remote: 'site/7/' },
  qosMax: 2,
  retain: true,
  properties: true,
  hopsMax: 4,
}
const id = 'log-1' as LogId
const now = epochMicros(0)

function message(topic: string, userProperties: UserProperties = [], payload = 'x'): Message {
  const properties = Buffer.from(encodeProperties({ userProperties }))
  return {
    ...{ partition: partition(3), position: position(9), topic, qos: 2, retain: true, clientId: 'c' },
    ...{ ingestedAt: epochMicros(0), properties, payload: Buffer.from(payload) },
  }
}

function published(given: Message, using: ForwardForm = form) {
  const forward = forwardOf(using, bounds, id, given, now)
  if (forward.kind !== 'publish') return assert.fail(JSON.stringify(forward))
  const { properties: raw = Buffer.alloc(0) } = forward.options
  return { ...forward, properties: decodeProperties(raw, 0, raw.length).userProperties ?? [] }
}

describe('a message on its way to another broker', () => {
  it('has the prefix of there, and a QoS that is taken there', () => {
    const { topic, options } = published(message('local/a/b'))
    assert.deepEqual([topic, options.qos, options.retain], ['site/7/a/b', 1, true])
  })

  it('bears the name of its record and of the log, beside what it had', () => {
    const { properties } = published(
      message('local/a', [
        ['unit', 'K'],
        ['unit', 'C'],
      ]),
    )
    assert.equal(eventIdOf(properties), 'log-1/3/9')
    assert.deepEqual(originOf(properties), ['log-1'])
    assert.deepEqual(
      properties.filter(([name]) => name === 'unit').map(([, value]) => value),
      ['K', 'C'],
    )
  })

  it('keeps the name that an earlier log has given it, and the chain grows', () => {
    const { properties } = published(
      message('local/a', [
        ['hawser-origin', 'log-0'],
        ['hawser-event-id', 'log-0/1/2'],
      ]),
    )
    assert.equal(eventIdOf(properties), 'log-0/1/2')
    assert.deepEqual(originOf(properties), ['log-0', 'log-1'])
  })

  it('does not go back by the link by which it came, and by another of that name it goes', () => {
    const from = (link: string) => forwardOf(form, bounds, id, message('local/a', [['hawser-origin', link]]), now).kind
    assert.equal(from(linkId(id, 'north')), 'returning')
    assert.equal(from(linkId('log-2', 'north')), 'publish')
    assert.equal(from(linkId(id, 'south')), 'publish')
  })

  it('is refused with the reason where it has gone too far, is too large, or has not the prefix', () => {
    const reasonOf = (given: Message): string => {
      const forward = forwardOf(form, bounds, id, given, now)
      return forward.kind === 'refused' ? forward.reason : forward.kind
    }
    assert.match(reasonOf(message('local/a', [['hawser-origin', 'a,b,c,d']])), /^too-many-hops: 4$/)
    assert.match(reasonOf(message('local/a', [], 'x'.repeat(1_000))), /^too-large: 10\d\d bytes of 1000$/)
    assert.match(reasonOf(message('other/a')), /^no-prefix: local\/$/)
  })

  it('has what is left of its expiry interval, and is not sent once that is over', () => {
    const given = { ...message('local/a'), expirySeconds: 10 }
    for (const properties of [true, false]) {
      const after = (seconds: number) =>
        forwardOf({ ...form, properties }, bounds, id, given, epochMicros(seconds * 1e6))
      assert.deepEqual(after(9.9).kind, 'publish')
      assert.deepEqual([after(10), after(1_000)], [{ kind: 'expired' }, { kind: 'expired' }])
    }
    const left = (seconds: number) => {
      const forward = forwardOf(form, bounds, id, given, epochMicros(seconds * 1e6))
      return forward.kind === 'publish' ? forward.options.expirySeconds : forward.kind
    }
    assert.deepEqual([left(0), left(3.5), left(-60)], [10, 7, 10])
  })

  it('has no properties in 3.1.1', () => {
    const forward = forwardOf({ ...form, properties: false }, bounds, id, message('local/a', [['a', 'b']]), now)
    assert.deepEqual(forward, { kind: 'publish', topic: 'site/7/a', options: { qos: 1, retain: true } })
  })
})

describe('another broker', { skip: skipWithoutMosquitto, timeout: 60_000 }, () => {
  for (const version of ['3.1.1', '5.0'] as const) {
    it(`${version}: gets topics under its prefix in order, and what is retained is retained there`, async () => {
      await using server = await startLastingMosquitto()
      await using collector = await collect(server.url)
      await using log = contractLog()
      await using state = createMemoryState()
      append(log, 'local/kept', 'on', { retain: true })
      for (let number = 0; number < 300; number++) append(log, 'local/a', `${number}`)
      await committed(log)
      const options = { localPrefix: 'local/', remotePrefix: 'remote/', filters: ['local/#'], inFlightMax: 5 }
      await using watched = watch(log, mqttConnector({ state, clock, peer: { url: server.url, version }, ...options }))
      const view = await watched.until(isCaughtUp)
      assert.deepEqual([view.written, view.deadLetters, view.lastError], [301, 0, undefined])
      const arrived = await collector.arrived()
      assert.deepEqual(
        arrived.map(({ topic, payload, qos }) => `${topic} ${qos} ${payload}`),
        ['remote/kept 1 on', ...Array.from({ length: 300 }, (_, number) => `remote/a 1 ${number}`)],
      )
      assert.equal(arrived[0]?.eventId, version === '5.0' ? `${log.id}/3/0` : undefined)
      const late = await connectAsync(server.url)
      const { promise, resolve } = Promise.withResolvers<string>()
      late.on('message', (topic, payload, { retain }) => resolve(`${topic} ${payload} ${retain}`))
      await late.subscribeAsync('remote/kept')
      assert.equal(await promise, 'remote/kept on true')
      await late.endAsync()
    })
  }

  it('is told how long a message is good for yet, and gets none that no longer is', async () => {
    await using server = await startLastingMosquitto()
    await using log = contractLog()
    await using state = createMemoryState()
    const device = await connectAsync(server.url, { protocolVersion: 5 })
    const arrived = new Map<string, number | undefined>()
    const { promise, resolve } = Promise.withResolvers<void>()
    device.on('message', (_, payload, { properties }) => {
      arrived.set(`${payload}`, properties?.messageExpiryInterval)
      if (`${payload}` === 'last') resolve()
    })
    await device.subscribeAsync('t/#', { qos: 1 })
    const appendTime = epochMicros(clock.wallMicros() - 100e6)
    append(log, 't/a', 'good', { appendTime, expirySeconds: 3_700 })
    append(log, 't/a', 'over', { appendTime, expirySeconds: 90 })
    append(log, 't/a', 'last', { appendTime })
    await committed(log)
    await using watched = watch(log, mqttConnector({ state, clock, peer: { url: server.url }, filters: ['t/#'] }))
    const { written, dropped, deadLetters } = await watched.until(isCaughtUp)
    await promise
    await device.endAsync()
    assert.deepEqual([written, dropped, deadLetters], [2, 1, 0])
    assert.deepEqual([...arrived.keys()], ['good', 'last'])
    const left = arrived.get('good') ?? 0
    assert.ok(left <= 3_600 && left > 3_500, `${left} s`)
    assert.equal(arrived.get('last'), undefined)
  })

  it('that is killed and comes back is found again, and gets what the log takes next', async () => {
    await using server = await startLastingMosquitto()
    await using log = contractLog()
    await using state = createMemoryState()
    const connector = mqttConnector({ state, clock, peer: { url: server.url }, filters: ['t/#'] })
    const seen = new Set<string>()
    await using watched = watch(log, connector)
    for (let round = 1; round <= 3; round++) {
      await using collector = await collect(server.url)
      appendMany(log, 400)
      await committed(log)
      await watched.until((view) => view.written >= round * 200 && isCaughtUp(view))
      for (const { eventId } of await collector.arrived()) if (eventId !== undefined) seen.add(eventId)
      await server.stop('SIGKILL')
      await server.start()
    }
    assert.equal(seen.size, 600)
  })

  it('that does not let us in is a failure with the mend, and no password in it', async () => {
    await using server = await startLastingMosquitto(['allow_anonymous false'])
    await using log = contractLog()
    await using state = createMemoryState()
    append(log, 'a', 'x')
    await committed(log)
    const peer = { url: server.url, username: 'me', password: 'a-secret-word' }
    await using watched = watch(log, mqttConnector({ state, clock, peer, filters: ['#'] }))
    const { state: failed } = await watched.until((view) => view.state.kind === 'failed')
    assert.match(JSON.stringify(failed), /Not authorized/i)
    assert.doesNotMatch(JSON.stringify(watched.run.view()), /a-secret-word/)
  })
})
