/** Some retained values are set all the time, some ahead of a fault; behind it a newcomer at each address asks for all. */
import { milliseconds } from '@hawser/std'
import { connectAsync } from 'mqtt'
import { Publisher } from '../clients/publisher.ts'
import { login, type Reach, roam } from '../clients/roaming.ts'
import { waitUntil, within } from '../clients/wait-until.ts'
import { type Balance, isEven } from '../ledger/balance.ts'
import { balanceRetained } from '../ledger/retained.ts'
import type { FormSurroundings, OpenForm } from './form.ts'
import { connectMsMax, notIn } from './stream.ts'

/** Set all the time, in turn. */
const liveCount = 4
/** Set once in each round: what is lost of them nobody sets again. */
const stillCount = 4
const topicCount = liveCount + stillCount
/** How long a newcomer waits for values before it looks again as another one. */
const glanceMs = milliseconds(500)

export async function openRetained(surroundings: FormSurroundings): Promise<OpenForm> {
  const { reach, prefix, clock, ratePerSecond, entries, settleMsMax, signal } = surroundings
  const still = new Map<number, number>()
  const indexOf = (number: number): number => still.get(number) ?? number % liveCount
  const topicAt = (index: number): string => `${prefix}/retained/${index}`
  const topicOf = (number: number): string => topicAt(indexOf(number))
  await using stack = new AsyncDisposableStack()
  const client = stack.use(roam(reach, { clientId: `${prefix}-retained-publisher`, first: 0, version: 4 }))
  await within(clock, connectMsMax, signal, client.connected(), () => notIn('the publisher', connectMsMax))
  stack.defer(() => clear(client.mqtt, topicAt))
  const publisher = stack.use(new Publisher(client, clock, { topicOf, qos: 1, retain: true, ratePerSecond, entries }))
  let found: ReadonlyMap<string, ReadonlyMap<number, number>> = new Map()
  let mark = Number.POSITIVE_INFINITY
  let faultAtMs = 0
  let lossesBefore = 0
  let recoveredAtMs: number | undefined
  publisher.onAcknowledged((number) => {
    if (number >= mark) recoveredAtMs ??= clock.monotonicMs()
  })
  const balance = (): Balance => balanceRetained(publisher.book('all'), indexOf, found)
  const look = async (): Promise<void> => {
    const lateMs = clock.monotonicMs() + settleMsMax
    do {
      found = new Map(
        await Promise.all(reach.addresses.map(async (at) => [at.host, await valuesAt(at, surroundings)] as const)),
      )
    } while (!isEven(balance()) && clock.monotonicMs() < lateMs && !signal.aborted)
  }
  const owned = stack.move()
  return {
    async begin() {
      mark = Number.POSITIVE_INFINITY
      recoveredAtMs = undefined
      publisher.start()
      for (let index = liveCount; index < topicCount; index++) {
        still.set(publisher.next, index)
        publisher.handOver()
      }
    },
    fault() {
      mark = publisher.next
      lossesBefore = publisher.losses
      faultAtMs = clock.monotonicMs()
    },
    recovered: () => recoveredAtMs !== undefined,
    async end() {
      publisher.stop()
      await waitUntil(clock, settleMsMax, signal, () => publisher.waiting === 0)
      await look()
      const { acknowledged, unknown } = publisher.book('round')
      return {
        balance: balance(),
        acknowledged: acknowledged.length,
        unknown: unknown.length,
        recoveryMs: recoveredAtMs === undefined ? undefined : recoveredAtMs - faultAtMs,
        hit: publisher.losses > lossesBefore,
        silenceMs: publisher.longestSilenceMs,
      }
    },
    whole: async () => balance(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Empty where nobody answers there. */
async function valuesAt(at: URL, { reach, prefix, clock, signal }: FormSurroundings): Promise<Map<number, number>> {
  const values = new Map<number, number>()
  try {
    const client = await connectAsync(at.href, optionsOf(reach), false)
    client.on('error', () => undefined)
    client.on('message', (topic, payload) => values.set(Number(topic.split('/').at(-1)), Number(`${payload}`)))
    await client.subscribeAsync(`${prefix}/retained/+`, { qos: 1 })
    await waitUntil(clock, glanceMs, signal, () => values.size === topicCount)
    await client.endAsync(true)
  } catch {
    // It is asked again until time is up, and what it did not say then is missing in the books.
  }
  return values
}

const optionsOf = (reach: Reach) =>
  ({
    ...login(reach),
    protocolVersion: 5,
    reconnectPeriod: 0,
    connectTimeout: reach.patienceSeconds * 1000,
  }) as const

async function clear(
  client: { publishAsync: (topic: string, payload: string, options: object) => Promise<unknown>; connected: boolean },
  topicAt: (index: number) => string,
): Promise<void> {
  if (!client.connected) return
  const topics = Array.from({ length: topicCount }, (_, index) => topicAt(index))
  await Promise.all(topics.map((topic) => client.publishAsync(topic, '', { qos: 0, retain: true }).catch(() => {})))
}
