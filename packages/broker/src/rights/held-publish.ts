/** A PUBLISH with bytes of its own, for while somebody is asked whether it is allowed: the read buffer does not wait. */
import type { PublishFrame } from '@hawser/codec'

export function heldPublish(frame: PublishFrame): PublishFrame {
  const { start, payloadEnd, qos, retain, duplicate, packetId, topicAlias, messageExpirySeconds } = frame
  const properties = frame.properties()
  return {
    buffer: Buffer.from(frame.buffer.subarray(start, payloadEnd)),
    start: 0,
    qos,
    retain,
    duplicate,
    packetId,
    topicStart: frame.topicStart - start,
    topicEnd: frame.topicEnd - start,
    propertiesStart: frame.propertiesStart - start,
    propertiesEnd: frame.propertiesEnd - start,
    payloadStart: frame.payloadStart - start,
    payloadEnd: payloadEnd - start,
    topicAlias,
    messageExpirySeconds,
    properties: () => properties,
  }
}
