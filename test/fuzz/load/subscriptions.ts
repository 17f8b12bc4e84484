/** Clients that subscribe to wildcards and unsubscribe without end, while others publish to topics that they match. */

import { milliseconds, sleep } from '@hawser/std'
import { connectAll } from '@hawser/verify/load'
import { LoadClient, packet, publish } from './client.ts'
import { floodAndWait } from './flood.ts'
import type { Load, Outcome, Target } from './load.ts'

const roundsEach = 20
const filtersEach = 50
const topics = 500
const unsuback = 11
const pauseMs = milliseconds(10)

async function storm(port: number, index: number): Promise<void> {
  const client = await LoadClient.connect(port, { clientId: `storms-${index}` })
  const filters = Array.from({ length: filtersEach }, (_, n) => {
    return [`storm/+/${n}`, `storm/${n}/#`, '+/+/+', `+/${index}/+`][n % 4] ?? '#'
  })
  for (let round = 1; round <= roundsEach && !client.closed; round++) {
    await client.subscribe(filters, 0)
    client.say(packet({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: filters }))
    await client.until(() => (client.received[unsuback] ?? 0) >= round)
  }
  if (client.closed) throw new Error(`the connection of storms-${index} ended`)
  client.vanish()
}

async function run({ ports, count, clock }: Target): Promise<Outcome> {
  const port = ports['mqtt'] ?? 0
  const publisher = await LoadClient.connect(port, { clientId: 'weather' })
  const bytes = Buffer.concat(
    Array.from({ length: topics }, (_, n) => publish(`storm/${n % 25}/${n}`, Buffer.from('x'), 0, 0)),
  )
  let over = false
  let published = 0
  const publishing = async (): Promise<void> => {
    while (!over && (await publisher.sayAll(bytes, clock, 30_000))) {
      published += topics
      await sleep(clock, pauseMs)
    }
  }
  const startedMs = clock.monotonicMs()
  const publisherRuns = publishing()
  const storms = connectAll(Array.from({ length: count }), (_, index) => storm(port, index))
  const flood = await floodAndWait({ port, clock, topic: 'storm/1/1', qos: 1, messages: 1_000 })
  await storms
  const seconds = (clock.monotonicMs() - startedMs) / 1_000
  over = true
  await publisherRuns
  return {
    figures: {
      'subscriptions made and ended': count * roundsEach * filtersEach,
      'messages sent': published,
      'until all were over, s': seconds,
    },
    complaints: flood.complaints,
  }
}

export const subscriptions: Load = {
  says: 'subscribing and unsubscribing with wildcards, while others publish',
  share: 0.01,
  briefCount: 4,
  memory: { mebibytes: 350, kibibytesEach: 1_024 },
  run,
}
