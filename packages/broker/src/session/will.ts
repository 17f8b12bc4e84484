import { encodeProperties, type Will } from '@hawser/codec'
import { neverExpires } from '@hawser/engine'
import type { Identity } from '../access.ts'
import type { StoredWill } from '../journal/session-state.ts'

/**
 * The will of a CONNECT as the PUBLISH that it becomes: its properties, user properties in their order, but the delay
 * and the expiry. [MQTT-3.1.3-10]
 */
export function storedWill(will: Will, identity: Identity): StoredWill {
  const { willDelayInterval, messageExpiryInterval, ...published } = will.properties
  return {
    identity,
    topic: will.topic,
    payload: Buffer.from(will.payload),
    qos: will.qos,
    retain: will.retain,
    properties: encodeProperties(published),
    delaySeconds: willDelayInterval ?? 0,
    messageExpirySeconds: messageExpiryInterval ?? neverExpires,
  }
}
