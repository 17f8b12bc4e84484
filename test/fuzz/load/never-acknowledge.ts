/** Subscribers that read and never acknowledge, half of them with sessions that outlive the connection. */
import { connectAll } from '@hawser/verify/load'
import type { BrokerFigures } from '../watch/pulse.ts'
import { LoadClient } from './client.ts'
import { floodAndWait } from './flood.ts'
import type { Load, Outcome, Target } from './load.ts'

/** Twenty of them are sent more than there are packet ids. */
const messagesEach = 3_500
/** `limits.inflightMax`, and `limits.durableInflightMax`. */
const [window, durableWindow] = [65_535, 2_048]
/** The witness has one message on its way at a time. */
const witnessInflight = 1

async function hold({ ports, count, clock }: Target, qos: 1 | 2): Promise<Outcome> {
  const port = ports['mqtt'] ?? 0
  await connectAll(Array.from({ length: count }), async (_, index) => {
    const client = await LoadClient.connect(port, { clientId: `holder-${index}`, clean: index % 2 === 0 })
    await client.subscribe(['held'], qos)
  })
  return floodAndWait({ port, clock, topic: 'held', qos, messages: messagesEach * count })
}

function judge({ inflight, dropped }: BrokerFigures, count: number): readonly string[] {
  const most = Math.ceil(count / 2) * window + Math.floor(count / 2) * durableWindow + witnessInflight
  return [
    ...(inflight > 0 && inflight <= most ? [] : [`${inflight} in flight, ${most} at most`]),
    ...Object.entries(dropped).map(([reason, messages]) => `${messages} dropped: ${reason}`),
  ]
}

const common = { share: 0.002, briefCount: 4, memory: { mebibytes: 350, kibibytesEach: 4_096 }, judge } as const

export const neverAcknowledgeQos1: Load = {
  ...common,
  says: 'subscribers that never acknowledge, QoS 1',
  run: (target) => hold(target, 1),
}

export const neverAcknowledgeQos2: Load = {
  ...common,
  says: 'subscribers that never acknowledge, QoS 2',
  run: (target) => hold(target, 2),
}
