import { checkTopicName, type DecodeFault, reasonCode } from '@hawser/codec'
import type { Limits } from '../limits/limits.ts'

const slash = 0x2f
const dollar = 0x24
const systemPrefix = Buffer.from('$SYS/')

/** Whether a client may name this topic in a PUBLISH or a will: its form, its size, and not the broker's own tree. */
export function checkPublishTopic(limits: Limits, buffer: Buffer, start: number, end: number): DecodeFault | undefined {
  const fault = checkTopicName(buffer, start, end)
  if (fault !== undefined) return fault
  if (end - start > limits.topicBytesMax) {
    return { reasonCode: reasonCode.topicNameInvalid, message: `topic longer than ${limits.topicBytesMax} bytes` }
  }
  let levels = 1
  for (let at = start; at < end; at++) if (buffer[at] === slash) levels++
  if (levels > limits.topicLevelsMax) {
    return { reasonCode: reasonCode.topicNameInvalid, message: `topic deeper than ${limits.topicLevelsMax} levels` }
  }
  if (buffer[start] === dollar && buffer.compare(systemPrefix, 0, 5, start, Math.min(end, start + 5)) === 0) {
    return { reasonCode: reasonCode.notAuthorized, message: '$SYS is written by the broker alone' }
  }
  return undefined
}
