import { type PublishFrame, reasonCode } from '@hawser/codec'
import type { Hooks } from '../hooks.ts'
import type { Route } from '../router/route.ts'
import type { Connection } from './connection.ts'
import { referenceOf } from './connection-events.ts'

/** Undefined where the embedding program lets the message on, else what it is acknowledged with. */
export function askHook(
  connection: Connection,
  frame: PublishFrame,
  route: Route,
  hook: NonNullable<Hooks['publish']>,
): number | undefined {
  const { services, session } = connection
  const { qos, retain, packetId } = frame
  // A resend was judged when it came first. [MQTT-4.3.3-10]
  if (qos === 2 && session?.inbound?.has(packetId) === true) return undefined
  const payload = frame.buffer.subarray(frame.payloadStart, frame.payloadEnd)
  const verdict = hook({ topic: route.topic, payload, qos, retain }, referenceOf(connection))
  if (verdict.kind === 'accept') return undefined
  const { counters } = services
  counters.dropped.hook++
  counters.accounts.intake(qos).refused.hook++
  switch (verdict.kind) {
    case 'drop':
      // Its PUBREL is answered like any other.
      if (qos === 2 && session !== undefined) {
        session.inbound ??= new Set()
        session.inbound.add(packetId)
      }
      return reasonCode.success
    case 'refuse':
      counters.refused['publish-by-hook']++
      return verdict.reasonCode
    default:
      throw verdict satisfies never
  }
}
