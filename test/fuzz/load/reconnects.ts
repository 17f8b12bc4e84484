/**
 * All clients come back at once, as after an outage: half with durable sessions and a backlog, half with none. Nobody
 * may be refused or starved, and each backlog must come whole.
 */
import { connectAll } from '@hawser/verify/load'
import { LoadClient, orLater } from './client.ts'
import { floodAndWait } from './flood.ts'
import type { Load, Outcome, Target } from './load.ts'

const backlogMessages = 100
const servedMs = 120_000

const durable = (index: number): boolean => index % 2 === 0

async function goAway(port: number, index: number): Promise<void> {
  if (!durable(index)) return
  const client = await LoadClient.connect(port, { clientId: `returns-${index}`, clean: false })
  await client.subscribe(['backlog'], 1)
  client.vanish()
}

async function run({ ports, count, clock }: Target): Promise<Outcome> {
  const port = ports['mqtt'] ?? 0
  await connectAll(Array.from({ length: count }), (_, index) => goAway(port, index))
  const flood = await floodAndWait({ port, clock, topic: 'backlog', qos: 1, messages: backlogMessages })
  const startedMs = clock.monotonicMs()
  const answeredMs: number[] = []
  const clients = Array.from({ length: count }, (_, index) => {
    const clean = !durable(index)
    return LoadClient.hasten(port, { clientId: `returns-${index}`, clean })
  })
  const all = clients.map(async (client, index) => {
    await client.until(() => client.connack !== undefined)
    answeredMs.push(clock.monotonicMs() - startedMs)
    if (durable(index)) await client.until(() => client.publishes >= backlogMessages)
  })
  await orLater(Promise.all(all), clock, servedMs)
  const seconds = (clock.monotonicMs() - startedMs) / 1_000
  const starved = clients.filter(({ connack }) => connack === undefined)
  const refused = clients.filter(({ connack }) => connack !== undefined && connack !== 0).length
  const short = clients.filter((client, index) => durable(index) && client.publishes < backlogMessages).length
  answeredMs.sort((a, b) => a - b)
  return {
    figures: {
      'first CONNACK, s': (answeredMs[0] ?? 0) / 1_000,
      'last CONNACK, s': (answeredMs.at(-1) ?? 0) / 1_000,
      'until all had their backlog, s': seconds,
    },
    complaints: [
      ...flood.complaints,
      ...(starved.length > 0
        ? [`${starved.length} had no CONNACK: ${[...new Set(starved.map(({ error }) => error))]}`]
        : []),
      ...(refused > 0 ? [`${refused} were refused`] : []),
      ...(short > 0 ? [`${short} did not get their backlog`] : []),
    ],
  }
}

export const reconnects: Load = {
  says: 'reconnects at once, half of them with a backlog of 100 messages',
  share: 1,
  briefCount: 200,
  memory: { mebibytes: 350, kibibytesEach: 64 },
  run,
}
