import type { PublishSource } from './publish-record.ts'

/** A message that is not in a record or packet yet: topic, raw properties and payload in one buffer of its own. */
export function packedSource(topic: string, properties: Uint8Array, payload: Uint8Array): PublishSource {
  const topicBytes = Buffer.from(topic)
  const buffer = Buffer.concat([topicBytes, properties, payload])
  const propertiesEnd = topicBytes.length + properties.length
  return {
    buffer,
    topicStart: 0,
    topicEnd: topicBytes.length,
    propertiesStart: topicBytes.length,
    propertiesEnd,
    payloadStart: propertiesEnd,
    payloadEnd: buffer.length,
  }
}
