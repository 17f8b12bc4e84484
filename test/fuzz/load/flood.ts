/** A publisher that sends as fast as it is taken, reads its acknowledgements, and must get them all. */
import type { Clock } from '@hawser/std'
import { LoadClient, orLater, packet, publish } from './client.ts'
import type { Outcome } from './load.ts'

const payload = Buffer.alloc(64, 'x')
const burst = 100
const patienceMs = 30_000
/** What ends a publish at each QoS: PUBACK, PUBCOMP. */
const endOf = { 1: 4, 2: 7 } as const
const pubrec = 5

export interface Flood {
  readonly port: number
  readonly clock: Clock
  readonly topic: string
  readonly qos: 1 | 2
  readonly messages: number
}

export async function floodAndWait({ port, clock, topic, qos, messages }: Flood): Promise<Outcome> {
  const publisher = await LoadClient.connect(port, { clientId: `goes-on-at-${qos}` })
  const startedMs = clock.monotonicMs()
  const ids = Array.from({ length: burst }, (_, n) => 1 + n)
  const publishes = Buffer.concat(ids.map((id) => publish(topic, payload, qos, id)))
  const releases = Buffer.concat(ids.map((messageId) => packet({ cmd: 'pubrel', messageId })))
  const got = (type: number, count: number): Promise<boolean> =>
    orLater(
      publisher.until(() => (publisher.received[type] ?? 0) >= count),
      clock,
      patienceMs,
    )
  const complaints: string[] = []
  let sent = 0
  while (sent < messages && complaints.length === 0) {
    publisher.say(publishes)
    sent += burst
    if (qos === 2 && (await got(pubrec, sent))) publisher.say(releases)
    if (!(await got(endOf[qos], sent)) || publisher.closed) {
      complaints.push(`a publisher of good will was not answered for ${patienceMs} ms`)
    }
  }
  publisher.vanish()
  const seconds = (clock.monotonicMs() - startedMs) / 1_000
  return { figures: { 'messages sent': sent, 'until all were acknowledged, s': seconds }, complaints }
}
