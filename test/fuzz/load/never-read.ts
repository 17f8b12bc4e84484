/** Subscribers that never read, each with a topic of its own, so that nothing that waits for one serves another. */
import { connectAll } from '@hawser/verify/load'
import { LoadClient, publish } from './client.ts'
import type { Load, Outcome, Target } from './load.ts'

const payload = Buffer.alloc(8_192, 'x')
/** More than the system's socket buffers and the broker's high water take together. */
const bytesEach = 10 * 1_048_576
const burst = 8
const patienceMs = 20_000

async function flood({ ports, count, clock }: Target, qos: 0 | 1): Promise<Outcome> {
  const port = ports['mqtt'] ?? 0
  const readers = Array.from({ length: count })
  const clients: LoadClient[] = []
  await connectAll(readers, async (_, index) => {
    const client = await LoadClient.connect(port, { clientId: `deaf-${index}` })
    await client.subscribe([`deaf/${index}`], qos)
    client.socket.pause()
    clients.push(client)
  })
  const bursts = readers.map((_, index) =>
    Buffer.concat(Array.from({ length: burst }, (_, n) => publish(`deaf/${index}`, payload, qos, 1 + n))),
  )
  const publisher = await LoadClient.connect(port, { clientId: 'flooder' })
  const complaints: string[] = []
  const rounds = Math.ceil(bytesEach / (payload.length * burst))
  const startedMs = clock.monotonicMs()
  for (let round = 0; round < rounds && complaints.length === 0; round++) {
    for (const bytes of bursts) {
      if (await publisher.sayAll(bytes, clock, patienceMs)) continue
      complaints.push(`the publisher was held back for ${patienceMs} ms`)
      break
    }
  }
  const seconds = (clock.monotonicMs() - startedMs) / 1_000
  return { figures: { 'messages sent': rounds * burst * count, 'until all were taken, s': seconds }, complaints }
}

const memory = { mebibytes: 350, kibibytesEach: 2_048 }

export const neverReadQos0: Load = {
  says: 'subscribers that never read, QoS 0',
  share: 0.01,
  briefCount: 4,
  memory,
  run: (target) => flood(target, 0),
  judge: ({ dropped }) => ((dropped['slow-receiver'] ?? 0) > 0 ? [] : ['nothing was dropped for a slow receiver']),
}

export const neverReadQos1: Load = {
  says: 'subscribers that never read, QoS 1',
  share: 0.01,
  briefCount: 4,
  memory,
  run: (target) => flood(target, 1),
  judge: ({ sessionsBehind, dropped }, count) => [
    ...(sessionsBehind >= count ? [] : [`${sessionsBehind} of ${count} read from the log`]),
    ...Object.entries(dropped).map(([reason, messages]) => `${messages} dropped: ${reason}`),
  ],
}
