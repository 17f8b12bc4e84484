/** Retained messages set, replaced and cleared on many topics, while new subscribers ask for all of them. */
import { connectAll } from '@hawser/verify/load'
import { LoadClient, orLater, publish } from './client.ts'
import type { Load, Outcome, Target } from './load.ts'

const publishers = 10
const subscribers = 20
const payload = Buffer.alloc(512, 'x')
const empty = Buffer.alloc(0)
const puback = 4
const patienceMs = 120_000

async function set(port: number, publisher: number, topics: number): Promise<void> {
  const client = await LoadClient.connect(port, { clientId: `retains-${publisher}` })
  let sent = 0
  for (const body of [payload, payload, empty, payload]) {
    for (let topic = 0; topic < topics; topic++) {
      client.say(publish(`kept/${publisher}/${topic}`, body, 1, 1 + (sent++ % 60_000), true))
      if (sent % 500 === 0) await client.until(() => (client.received[puback] ?? 0) >= sent)
    }
  }
  await client.until(() => (client.received[puback] ?? 0) >= sent)
  if (client.closed) throw new Error(`the connection of retains-${publisher} ended`)
  client.vanish()
}

async function run({ ports, count, clock }: Target): Promise<Outcome> {
  const port = ports['mqtt'] ?? 0
  const startedMs = clock.monotonicMs()
  const topics = Math.ceil(count / publishers)
  await Promise.all(Array.from({ length: publishers }, (_, publisher) => set(port, publisher, topics)))
  const setMs = clock.monotonicMs()
  const clients: LoadClient[] = []
  const asking = connectAll(Array.from({ length: subscribers }), async (_, index) => {
    const client = await LoadClient.connect(port, { clientId: `asks-${index}` })
    clients.push(client)
    await client.subscribe(['kept/#'], 0)
    await client.until(() => client.publishes >= topics * publishers)
  })
  const inTime = await orLater(asking, clock, patienceMs)
  const endMs = clock.monotonicMs()
  return {
    figures: {
      'retained publishes': 4 * topics * publishers,
      'set in, s': (setMs - startedMs) / 1_000,
      'retained messages sent': clients.reduce((sum, { publishes }) => sum + publishes, 0),
      'until all who asked had all, s': (endMs - setMs) / 1_000,
    },
    complaints: inTime ? [] : ['not everybody who asked got all'],
  }
}

export const retained: Load = {
  says: 'retained messages set, replaced and cleared, then asked for by 20 at once',
  share: 1,
  briefCount: 300,
  memory: { mebibytes: 400, kibibytesEach: 16 },
  run,
}
