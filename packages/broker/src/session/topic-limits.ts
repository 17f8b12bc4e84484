import { checkTopicName, type DecodeFault, reasonCode } from '@hawser/codec'
import type { Limits } from '../limits/limits.ts'

const slash = 0x2f

/** Whether a client may name this topic in a PUBLISH or a will: its form and its size. */
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
  return undefined
}
