/** A source that is filled anew for each publish that cannot be taken as it is; read at once. */
import type { PublishSource } from '@hawser/engine'

const nothing = Buffer.alloc(0)

export class MutableSource implements PublishSource {
  buffer: Buffer = nothing
  topicStart = 0
  topicEnd = 0
  propertiesStart = 0
  propertiesEnd = 0
  payloadStart = 0
  payloadEnd = 0
}
