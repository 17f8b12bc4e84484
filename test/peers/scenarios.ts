/** What every client must be able to do with Hawser, once for all of them. */
import assert from 'node:assert/strict'
import type { Peer, Transport, Version } from './peer.ts'
import type { ReceiveWindow } from './receive-window.ts'

/** A stage for one scenario: topics and client ids of its own, and clients that end with it. */
export interface Stage {
  readonly version: Version
  /** Below this topic nobody else speaks. */
  readonly topic: string
  connect(options?: ConnectOptions): Promise<{ readonly peer: Peer; readonly sessionPresent: boolean }>
  /** Between client and broker, counting what is in flight to the client. */
  window(): Promise<ReceiveWindow>
}

export interface ConnectOptions {
  readonly name?: string
  readonly transport?: Transport
  readonly clean?: boolean
  readonly receiveMaximum?: number
  readonly port?: number
  readonly will?: { readonly payload: string; readonly qos: 0 | 1 }
}

export interface Scenario {
  readonly name: string
  readonly versions: readonly Version[]
  readonly transport?: Transport
  readonly play: (stage: Stage) => Promise<void>
}

const both = [4, 5] as const
const many = 100
const numbered = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${prefix}${n}`)

async function takes(peer: Peer, topic: string, payloads: readonly string[], qos: number): Promise<void> {
  const messages = await peer.messages(payloads.length)
  assert.deepEqual(
    messages.map((message) => message.payload),
    payloads,
  )
  for (const message of messages) assert.deepEqual([message.topic, message.qos], [topic, qos])
}

async function inOrder(stage: Stage, transport: Transport): Promise<void> {
  const { peer: subscriber } = await stage.connect({ name: 'subscriber', transport })
  const { peer: publisher } = await stage.connect({ name: 'publisher', transport })
  await subscriber.subscribe(`${stage.topic}/+`, 2)
  for (const qos of [0, 1, 2] as const) {
    await publisher.publish(`${stage.topic}/${qos}`, qos, many, `${qos}:`)
    await takes(subscriber, `${stage.topic}/${qos}`, numbered(`${qos}:`, many), qos)
  }
  await publisher.disconnect()
  await subscriber.disconnect()
}

async function retained({ topic, connect }: Stage): Promise<void> {
  const { peer: publisher } = await connect()
  await publisher.publish(topic, 1, 1, 'kept', true)
  const { peer: late } = await connect()
  await late.subscribe(topic, 1)
  assert.deepEqual(await late.messages(1), [{ topic, payload: 'kept0', qos: 1, retain: true }])
  await publisher.publish(topic, 1, 0, '', true)
  // Whoever was there sees it cleared as a message like any other.
  assert.equal((await late.messages(1))[0]?.retain, false)
  const { peer: later } = await connect()
  await later.subscribe(topic, 1)
  await publisher.publish(topic, 1, 1, 'fresh')
  await takes(later, topic, ['fresh0'], 1)
}

async function will({ topic, connect }: Stage): Promise<void> {
  const { peer: watcher } = await connect()
  await watcher.subscribe(topic, 1)
  const { peer: polite } = await connect({ will: { payload: 'never', qos: 1 } })
  await polite.disconnect()
  const { peer: doomed } = await connect({ will: { payload: 'gone', qos: 1 } })
  await doomed.vanish()
  await takes(watcher, topic, ['gone'], 1)
}

async function resume({ topic, connect }: Stage): Promise<void> {
  const { peer: first, sessionPresent } = await connect({ name: 'sleeper', clean: false })
  assert.equal(sessionPresent, false)
  await first.subscribe(`${topic}/#`, 2)
  await first.disconnect()
  const { peer: publisher } = await connect()
  await publisher.publish(`${topic}/1`, 1, many, 'one:')
  await publisher.publish(`${topic}/2`, 2, many, 'two:')
  const { peer: again, sessionPresent: present } = await connect({ name: 'sleeper', clean: false })
  assert.equal(present, true)
  await takes(again, `${topic}/1`, numbered('one:', many), 1)
  await takes(again, `${topic}/2`, numbered('two:', many), 2)
}

async function shared({ topic, connect }: Stage): Promise<void> {
  const members = [(await connect()).peer, (await connect()).peer]
  for (const member of members) await member.subscribe(`$share/workers/${topic}`, 1)
  const { peer: publisher } = await connect()
  await publisher.publish(topic, 1, many)
  const [one, other] = members
  assert.ok(one !== undefined && other !== undefined)
  // By turns is the default: each has half.
  const got = [...(await one.messages(many / 2)), ...(await other.messages(many / 2))]
  const payloads = got.map(({ payload }) => Number(payload)).sort((a, b) => a - b)
  assert.deepEqual(payloads.map(String), numbered('', many))
}

/** All of them are on their way before the first is acknowledged. */
async function burst({ topic, connect }: Stage): Promise<void> {
  const { peer: subscriber } = await connect()
  await subscriber.subscribe(topic, 2)
  const { peer: publisher } = await connect()
  await publisher.publish(topic, 2, many)
  await takes(subscriber, topic, numbered('', many), 2)
  assert.equal(subscriber.waiting, 0)
}

async function receiveMaximum({ topic, connect, window }: Stage): Promise<void> {
  await using counted = await window()
  const declared = 5
  const { peer: subscriber } = await connect({ receiveMaximum: declared, port: counted.port })
  await subscriber.subscribe(`${topic}/+`, 2)
  const { peer: publisher } = await connect()
  for (const qos of [1, 2] as const) {
    await publisher.publish(`${topic}/${qos}`, qos, many)
    await takes(subscriber, `${topic}/${qos}`, numbered('', many), qos)
  }
  assert.equal(counted.declared, declared)
  assert.ok(counted.inflightMax > 0 && counted.inflightMax <= declared, `${counted.inflightMax} were in flight`)
}

export const scenarios: readonly Scenario[] = [
  { name: 'QoS 0, 1 and 2, 100 messages in order', versions: both, play: (stage) => inOrder(stage, 'tcp') },
  { name: 'the same over TLS', versions: both, transport: 'tls', play: (stage) => inOrder(stage, 'tls') },
  { name: 'the same over WebSocket', versions: both, transport: 'ws', play: (stage) => inOrder(stage, 'ws') },
  { name: 'retained: set and cleared', versions: both, play: retained },
  { name: 'the will of a client that vanishes, not of one that leaves', versions: both, play: will },
  { name: 'a session resumed with messages queued', versions: both, play: resume },
  { name: 'a shared subscription', versions: both, play: shared },
  // In 5.0 the broker's Receive Maximum bounds what a client sends.
  { name: 'a burst of 100 unacknowledged QoS 2 publishes', versions: [4], play: burst },
  { name: 'never more in flight than its Receive Maximum', versions: [5], play: receiveMaximum },
]
