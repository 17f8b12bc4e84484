/** Publishers that flood at QoS 1 and never read a PUBACK: the first of them until the broker reads it no more. */
import { connectAll } from '@hawser/verify/load'
import { LoadClient, publish } from './client.ts'
import type { Load, Outcome, Target } from './load.ts'

const burst = 1_000
const burstsEach = 10
/** Of the first, for each of the others: with twenty of them two million messages, whose PUBACKs fill every buffer. */
const burstsOfFirst = 100
/** Not taken for so long: the broker has stopped reading. */
const heldMs = 5_000

async function run({ ports, count, clock }: Target): Promise<Outcome> {
  const port = ports['mqtt'] ?? 0
  const one = publish('unheard', Buffer.from('x'), 1, 1)
  const bytes = Buffer.concat(Array.from({ length: burst }, () => one))
  const clients: LoadClient[] = []
  await connectAll(Array.from({ length: count }), async (_, index) => {
    const client = await LoadClient.connect(port, { clientId: `unheard-${index}` })
    client.socket.pause()
    clients.push(client)
  })
  let sent = 0
  let heldBack = 0
  const startedMs = clock.monotonicMs()
  const floodFrom = async (client: LoadClient, bursts: number): Promise<void> => {
    for (let left = bursts; left > 0; left--) {
      if (!(await client.sayAll(bytes, clock, heldMs))) return void heldBack++
      sent += burst
    }
  }
  await Promise.all(clients.map((client, index) => floodFrom(client, index === 0 ? burstsOfFirst * count : burstsEach)))
  const seconds = (clock.monotonicMs() - startedMs) / 1_000
  return {
    figures: { 'messages taken': sent, 'no longer read': heldBack, 'until taken or held back, s': seconds },
    complaints: [],
  }
}

export const deafPublishers: Load = {
  says: 'publishers that never read their PUBACKs',
  share: 0.002,
  briefCount: 2,
  memory: { mebibytes: 350, kibibytesEach: 2_048 },
  run,
}
