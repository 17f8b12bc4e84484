import { type PublishFrame, stripPublishProperties } from '@hawser/codec'
import type { Route } from '../router/route.ts'
import type { MutableSource } from './mutable-source.ts'

/** A publish with its topic, and without alias and expiry among its properties, told by `source`. */
export function plainSource(source: MutableSource, frame: PublishFrame, route: Route): MutableSource {
  const { buffer, propertiesStart, propertiesEnd, payloadStart, payloadEnd } = frame
  if (frame.topicEnd > frame.topicStart) {
    source.buffer = buffer
    source.topicStart = frame.topicStart
    source.topicEnd = frame.topicEnd
    source.propertiesStart = propertiesStart
    source.propertiesEnd = stripPublishProperties(buffer, propertiesStart, propertiesEnd, buffer, propertiesStart)
    source.payloadStart = payloadStart
    source.payloadEnd = payloadEnd
    return source
  }
  const topicBytes = route.topicBytes.length
  const copy = Buffer.allocUnsafe(topicBytes + (payloadEnd - propertiesStart))
  route.topicBytes.copy(copy)
  source.buffer = copy
  source.topicStart = 0
  source.topicEnd = topicBytes
  source.propertiesStart = topicBytes
  source.propertiesEnd = stripPublishProperties(buffer, propertiesStart, propertiesEnd, copy, topicBytes)
  source.payloadStart = source.propertiesEnd
  source.payloadEnd = source.payloadStart + buffer.copy(copy, source.payloadStart, payloadStart, payloadEnd)
  return source
}
