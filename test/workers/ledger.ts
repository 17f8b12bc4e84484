/**
 * Independent clients that keep the books while processes die: what a publisher was told is safe, what a subscriber got,
 * and in which order. Each client goes on to the next process when it loses its own.
 */
import assert from 'node:assert/strict'
import { milliseconds, type Random, sleep, systemClock } from '@hawser/std'
import type { MqttClient } from 'mqtt'
import {
  type Book,
  connectMoving,
  type MovingOptions,
  publish,
  publishUntilTaken,
  type Quality,
} from './moving-clients.ts'

const qualities = [1, 2] as const
const endMark = 'end'
const settleMsMax = 180_000

export interface Ledger extends AsyncDisposable {
  /** Drops a connection of one client, which comes back at another process. */
  unsettle(random: Random): void
  /** Resolves once every client is connected there. */
  allAt(port: number): Promise<void>
  /** Who is connected, and how far each is: for who looks why it takes so long. */
  state(): string
  /** No more is published; resolves when all subscribers have what was acknowledged, and the books are even. */
  close(): Promise<{ readonly acknowledged: number; readonly longestSilenceMs: number }>
}

export async function openLedger(
  ports: readonly number[],
  name = 'ledger',
  options: MovingOptions = {},
): Promise<Ledger> {
  const moving = (clientId: string, first: number): MqttClient =>
    connectMoving(ports, `${name}-${clientId}`, { ...options, first })
  const subscribers = ['one', 'two'].map((clientId, index) => new Subscriber(moving(clientId, index)))
  for (const subscriber of subscribers) {
    await subscriber.client.subscribeAsync(
      qualities.map((qos) => `${name}/${qos}`),
      { qos: 2 },
    )
  }
  const publishers = qualities.map((qos, index) => ({ qos, client: moving(`publisher-${qos}`, index) }))
  let running = true
  const published = publishers.map(({ qos, client }) => publish(client, `${name}/${qos}`, qos, () => running))
  const clients = [...subscribers, ...publishers].map(({ client }) => client)
  const leave = async (): Promise<void> => {
    for (const client of clients) await client.endAsync(true)
  }
  return {
    unsettle: (random) => clients[random.integer(clients.length)]?.stream.destroy(),
    async allAt(port) {
      const isThere = ({ connected, options }: MqttClient): boolean => connected && options.port === port
      while (!clients.every(isThere)) await Promise.race(clients.map((client) => connectionOf(client)))
    },
    state: () =>
      [...publishers, ...subscribers]
        .map(({ client }) => `${client.options.clientId} ${client.connected ? `at ${client.options.port}` : 'away'}`)
        .concat(subscribers.map((subscriber) => subscriber.tails()))
        .join('; '),
    async close() {
      running = false
      const books = await Promise.all(published)
      for (const { qos, client } of publishers) await publishUntilTaken(client, `${name}/${qos}`, endMark, qos)
      for (const subscriber of subscribers) await subscriber.ended
      await leave()
      for (const subscriber of subscribers) {
        for (const [index, qos] of qualities.entries()) {
          const book = books[index] ?? assert.fail()
          told(subscriber, () => compare(book, subscriber.of(qos), qos))
        }
      }
      return {
        acknowledged: books.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0),
        longestSilenceMs: Math.max(...books.map((book) => book.longestSilenceMs)),
      }
    },
    async [Symbol.asyncDispose]() {
      running = false
      await leave()
    },
  }
}

const connectionOf = (client: MqttClient): Promise<void> =>
  new Promise((resolve) => client.once('connect', () => resolve()))

/** What went over the wire around it says more than the books. */
function told(subscriber: Subscriber, check: () => void): void {
  try {
    check()
  } catch (error) {
    const inOrder = subscriber.of(2)
    const late = inOrder.filter((number, index) => number < (inOrder[index - 1] ?? 0)).slice(0, 3)
    throw new Error(`the books are not even\n${late.map((number) => subscriber.around(number)).join('\n')}`, {
      cause: error,
    })
  }
}

class Subscriber {
  readonly client: MqttClient
  readonly ended: Promise<void>
  /** `2=7` for PUBLISH of 7 with packet id 2, `2` for its PUBREL, and where a connection began. */
  readonly #wire: string[] = []
  readonly #received = new Map<string, string[]>()

  constructor(client: MqttClient) {
    this.client = client
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'publish' && packet.qos === 2) this.#wire.push(`${packet.messageId}=${packet.payload}`)
      else if (packet.cmd === 'pubrel') this.#wire.push(`${packet.messageId}`)
      else if (packet.cmd === 'connack') this.#wire.push(`connected to ${client.options.port}:`)
    })
    this.ended = new Promise((resolve, reject) => {
      const late = (): void => reject(new Error(`the end did not come: ${this.tails()}`))
      client.on('message', (topic, payload) => {
        const quality = topic.at(-1) ?? ''
        const received = this.#received.get(quality) ?? []
        received.push(`${payload}`)
        this.#received.set(quality, received)
        if (qualities.every((qos) => this.#received.get(`${qos}`)?.includes(endMark))) resolve()
        else if (`${payload}` === endMark) void sleep(systemClock, milliseconds(settleMsMax)).then(late)
      })
    })
    this.ended.catch(() => undefined)
  }

  of(qos: Quality): number[] {
    return (this.#received.get(`${qos}`) ?? []).filter((payload) => payload !== endMark).map(Number)
  }

  around(number: number): string {
    const at = this.#wire.findIndex((packet) => packet.endsWith(`=${number}`))
    return `${number} of ${this.client.options.clientId}: ${this.#wire.slice(Math.max(0, at - 60), at + 60).join(' ')}`
  }

  tails(): string {
    return qualities
      .map((qos) => `QoS ${qos}: ${this.#received.get(`${qos}`)?.slice(-3)} of ${this.#received.get(`${qos}`)?.length}`)
      .join('; ')
  }
}

/** `Error` names the first that is missing, twice or out of order. */
export function compare(
  { acknowledged, unknown }: Pick<Book, 'acknowledged' | 'unknown'>,
  received: readonly number[],
  qos: Quality,
): void {
  const first = [...new Set(received)]
  const came = new Set(received)
  const lost = acknowledged.filter((number) => !came.has(number))
  assert.deepEqual(lost.slice(0, 10), [], `QoS ${qos}: ${lost.length} of ${acknowledged.length} acknowledged are lost`)
  const handed = new Set(acknowledged)
  const strange = first.filter((number) => !handed.has(number) && !unknown.has(number))
  assert.deepEqual(strange, [], `QoS ${qos}: what nobody has published`)
  const late = first.flatMap((number, index) => (number < (first[index - 1] ?? 0) ? [{ number, index }] : []))
  const around = late.slice(0, 10).map(({ number, index }) => ({
    number,
    isAcknowledged: handed.has(number),
    among: first.slice(Math.max(0, index - 30), index + 5).join(' '),
  }))
  assert.deepEqual(around, [], `QoS ${qos}: ${late.length} out of order`)
  if (qos === 2) assert.equal(received.length, first.length, 'QoS 2: some came twice')
}
