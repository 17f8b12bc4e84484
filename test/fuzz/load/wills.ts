/** Clients with wills whose connections are all reset at one time. */
import { connectAll } from '@hawser/verify/load'
import { LoadClient, orLater } from './client.ts'
import type { Load, Outcome, Target } from './load.ts'

const patienceMs = 120_000

async function run({ ports, count, clock }: Target): Promise<Outcome> {
  const port = ports['mqtt'] ?? 0
  const heir = await LoadClient.connect(port, { clientId: 'heir' })
  await heir.subscribe(['gone/#'], 0)
  const clients: LoadClient[] = []
  const startedMs = clock.monotonicMs()
  await connectAll(Array.from({ length: count }), async (_, index) => {
    const will = { topic: `gone/${index}`, payload: Buffer.from('gone'), qos: 1, retain: index % 2 === 0 }
    clients.push(await LoadClient.connect(port, { clientId: `leaves-${index}`, will }))
  })
  const goneMs = clock.monotonicMs()
  for (const client of clients) client.vanish()
  const inTime = await orLater(
    heir.until(() => heir.publishes >= count),
    clock,
    patienceMs,
  )
  return {
    figures: {
      'connected in, s': (goneMs - startedMs) / 1_000,
      'until all wills had come, s': (clock.monotonicMs() - goneMs) / 1_000,
    },
    complaints: inTime && heir.publishes === count ? [] : [`${heir.publishes} wills of ${count} came`],
  }
}

export const wills: Load = {
  says: 'clients with wills that vanish at once',
  share: 1,
  briefCount: 300,
  memory: { mebibytes: 250, kibibytesEach: 40 },
  run,
}
