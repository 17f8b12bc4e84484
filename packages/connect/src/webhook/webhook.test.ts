/** What a receiver sees, and what its answers do. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMemoryState } from '@hawser/engine/memory'
import { seededRandom, systemClock } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import { Webhook } from 'standardwebhooks'
import { makeAuthority } from '../../../../test/support/certificates.ts'
import { append, committed, contractLog, isCaughtUp, type WatchedRun, watch } from '../contract/bench-log.ts'
import { type Answering, type ReceivedRequest, startHttpServer } from '../http/testing/http-server.ts'
import { runConnector } from '../runner/run-connector.ts'
import { type WebhookConnectorOptions, webhookConnector } from './mod.ts'
import { eventsIn } from './testing/webhook-under-test.ts'

const secret = (byte: number): string => `whsec_${Buffer.alloc(32, byte).toString('base64')}`
const [oldSecret, newSecret] = [secret(1), secret(2)]
const taken: Answering = () => ({ status: 204 })

interface Delivery extends AsyncDisposable {
  readonly requests: readonly ReceivedRequest[]
  readonly watched: WatchedRun
}

/** Messages, each as topic and payload, on their way to a receiver that answers as it is told. */
async function deliver(
  messages: readonly (readonly [topic: string, payload: string])[],
  answer: Answering,
  options: Partial<WebhookConnectorOptions> = {},
): Promise<Delivery> {
  await using stack = new AsyncDisposableStack()
  const requests: ReceivedRequest[] = []
  const server = stack.use(
    await startHttpServer((request) => {
      requests.push(request)
      return answer(request)
    }),
  )
  const state = stack.use(createMemoryState())
  const log = stack.use(contractLog())
  for (const [topic, payload] of messages) append(log, topic, payload)
  await committed(log)
  const connector = webhookConnector({ url: server.url, state, clock: systemClock, filters: ['#'], ...options })
  const watched = stack.use(watch(log, connector, { batchMessagesMax: 100 }))
  const owned = stack.move()
  return { requests, watched, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const numbered = (count: number, topic = 't/a') =>
  Array.from({ length: count }, (_, n) => [topic, `{"n":${n}}`] as const)

const verified = ({ headers, body }: ReceivedRequest, by: string): unknown =>
  new Webhook(by).verify(body.toString('utf8'), headers as Record<string, string>)

describe('webhook', () => {
  it('is signed as Standard Webhooks asks, by both secrets while they change', async () => {
    await using delivery = await deliver(numbered(1), taken, { secrets: [oldSecret, newSecret] })
    await delivery.watched.until((view) => view.written === 1)
    const [request] = delivery.requests
    assert.ok(request)
    for (const by of [oldSecret, newSecret]) assert.equal(Reflect.get(Object(verified(request, by)), 'topic'), 't/a')
    assert.throws(() => verified(request, secret(3)))
    const forged = { ...request, body: Buffer.from(request.body.toString().replace('t/a', 't/b')) }
    assert.throws(() => verified(forged, newSecret))
    assert.equal(request.headers['webhook-id'], eventsIn(request.body)[0]?.id)
  })

  it('sends again under the same id', async () => {
    let refusals = 3
    const answer: Answering = () => ({ status: refusals-- > 0 ? 503 : 200 })
    await using delivery = await deliver(numbered(1), answer)
    await delivery.watched.until(isCaughtUp)
    assert.deepEqual(
      [delivery.requests.length, new Set(delivery.requests.map(({ headers }) => headers['webhook-id'])).size],
      [4, 1],
    )
  })

  it('sends batches of CloudEvents within the bounds', async () => {
    const bounds = { requestMessagesMax: 10, requestBytesMax: 2_000 }
    await using delivery = await deliver(numbered(95), taken, { body: 'cloudevents', ...bounds })
    await delivery.watched.until((view) => view.written === 95)
    for (const { headers, body } of delivery.requests) {
      assert.match(headers['content-type'] ?? '', /^application\/cloudevents-batch\+json/)
      assert.ok(eventsIn(body).length <= 10 && body.length <= 2_020, `${body.length} bytes`)
    }
    const [event] = JSON.parse(delivery.requests[0]?.body.toString() ?? '')
    assert.deepEqual([event.specversion, event.subject, event.data], ['1.0', 't/a', { n: 0 }])
  })

  it('keeps no more requests in flight than it may, and the order of each topic', async () => {
    let [flying, most] = [0, 0]
    const answer: Answering = async () => {
      most = Math.max(most, ++flying)
      for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
      flying--
      return { status: 200 }
    }
    const messages = Array.from({ length: 90 }, (_, n) => [`t/${n % 9}`, `${n}`] as const)
    await using delivery = await deliver(messages, answer, { inFlightMax: 3 })
    await delivery.watched.until((view) => view.written === 90)
    assert.equal(most, 3)
    const ofTopic = Map.groupBy(
      delivery.requests.map(({ body }) => JSON.parse(body.toString())),
      ({ topic }) => topic,
    )
    for (const of of ofTopic.values())
      assert.deepEqual(
        of,
        of.toSorted((left, right) => left.payload - right.payload),
      )
  })

  it('keeps aside what is refused or too large, whatever the size of the request it was in', async () => {
    const answer: Answering = ({ body }) => (body.includes('"n":13') ? { status: 400, body: 'no 13' } : { status: 200 })
    const messages = [...numbered(30), ['t/a', `"${'x'.repeat(5_000)}"`] as const]
    await using delivery = await deliver(messages, answer, { requestMessagesMax: 30, requestBytesMax: 4_900 })
    const view = await delivery.watched.until(isCaughtUp)
    assert.deepEqual([view.written, view.deadLetters], [29, 2])
    const reasons = (await delivery.watched.run.deadLetters(10)).map(({ reason }) => reason)
    assert.match(reasons.join('|'), /400: no 13\|too-large: \d+ bytes of 4900/)
  })

  it('fails where it is not let in, and follows no redirect', async () => {
    for (const [status, reason] of [
      [401, /answered 401; mend the url, the credentials/],
      [307, /answered 307; redirects are not followed/],
    ] as const) {
      const elsewhere = await startHttpServer(taken)
      await using _elsewhere = elsewhere
      const answer: Answering = () => ({ status, headers: { location: elsewhere.url } })
      elsewhere.answer = () => assert.fail('was followed')
      await using delivery = await deliver(numbered(1), answer)
      const { state } = await delivery.watched.until((view) => view.state.kind === 'failed')
      assert.match(state.kind === 'failed' ? state.reason : '', reason)
    }
  })

  it('goes on behind what a server took before it wanted a pause', async () => {
    let requests = 0
    const answer: Answering = () => ({ status: ++requests % 10 === 0 ? 429 : 200 })
    await using delivery = await deliver(numbered(80), answer, { inFlightMax: 1 })
    const { written } = await delivery.watched.until(isCaughtUp)
    assert.equal(written, 80)
    assert.equal(new Set(delivery.requests.map(({ headers }) => headers['webhook-id'])).size, 80)
    // Of the 88 one in each ten was refused; nothing that was taken came twice.
    assert.equal(delivery.requests.length, 88)
  })

  it('waits as long as Retry-After asks', async () => {
    await using log = contractLog()
    await using state = createMemoryState()
    const arrivals: PromiseWithResolvers<void>[] = [Promise.withResolvers(), Promise.withResolvers()]
    let requests = 0
    await using server = await startHttpServer(() => {
      arrivals[requests]?.resolve()
      return ++requests === 1 ? { status: 503, headers: { 'retry-after': '30' } } : { status: 200 }
    })
    append(log, 't/a', '1')
    await committed(log)
    const clock = new ManualClock()
    const retrying = Promise.withResolvers<void>()
    await using _run = runConnector({
      ...{ log, clock, random: seededRandom(1), signal: new AbortController().signal },
      connector: webhookConnector({ url: server.url, state, clock, filters: ['#'] }),
      onChange: ({ state }) => state.kind === 'lagging' && state.isRetrying && retrying.resolve(),
    })
    await retrying.promise
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    clock.advance(29_000)
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    assert.equal(requests, 1)
    clock.advance(1_000)
    await arrivals[1]?.promise
  })

  it('gives up a request that is not answered in time, and tries again', async () => {
    const never = Promise.withResolvers<void>()
    let requests = 0
    const answer: Answering = async () => {
      if (++requests === 1) await never.promise
      return { status: 200 }
    }
    await using delivery = await deliver(numbered(1), answer, { requestMsMax: 50 })
    const view = await delivery.watched.until((now) => now.written === 1)
    never.resolve()
    assert.match(view.lastError ?? '', /no answer within 50 ms/)
  })

  it('trusts the authority that it is given, over TLS, and nobody else', async () => {
    const authority = await makeAuthority()
    const { certificate: cert, key } = await authority.issue('CN=localhost', { hosts: ['localhost'] })
    await using server = await startHttpServer(taken, { cert, key })
    const options = { url: server.url }
    await using trusting = await deliver(numbered(1), taken, { ...options, tls: { ca: authority.certificate } })
    await trusting.watched.until((view) => view.written === 1)
    await using doubting = await deliver(numbered(1), taken, options)
    const view = await doubting.watched.until((now) => now.lastError !== undefined)
    assert.match(view.lastError ?? '', /certificate/)
  })

  it('refuses a URL with a user, and a secret that is none', () => {
    const common = { state: createMemoryState(), clock: systemClock, filters: ['#'] }
    const refused = { code: 'CONFIG_INVALID' }
    for (const url of ['ftp://a/b', 'https://user:word@a/b', 'nowhere'])
      assert.throws(() => webhookConnector({ ...common, url }), refused)
    for (const bad of ['whsec_', 'secret', `whsec_${Buffer.alloc(8).toString('base64')}`])
      assert.throws(() => webhookConnector({ ...common, url: 'https://a/b', secrets: [bad] }), refused)
  })
})
