/** One client id that connects and is gone again, many at a time: each takes the session over from the last. */
import { connectAll } from '@hawser/verify/load'
import { LoadClient } from './client.ts'
import type { Load, Outcome, Target } from './load.ts'

async function run({ ports, count, clock }: Target): Promise<Outcome> {
  const port = ports['mqtt'] ?? 0
  let answered = 0
  const startedMs = clock.monotonicMs()
  await connectAll(Array.from({ length: count }), async (_, index) => {
    const client = LoadClient.hasten(port, { clientId: 'flaps', clean: index % 3 === 0 })
    await client.until(() => client.connack !== undefined)
    if (client.connack === 0) answered++
    client.vanish()
  })
  const seconds = (clock.monotonicMs() - startedMs) / 1_000
  const last = await LoadClient.connect(port, { clientId: 'flaps' })
  await last.subscribe(['flaps'], 1)
  const complaints = last.closed ? ['the client id could not be used afterwards'] : []
  return { figures: { 'answered with success': answered, 'until all were over, s': seconds }, complaints }
}

export const flapping: Load = {
  says: 'connects and disconnects of one client id, 64 at a time',
  share: 1,
  briefCount: 300,
  memory: { mebibytes: 300, kibibytesEach: 4 },
  run,
}
