import { checkTopicName } from '@hawser/codec'
import type { Limits } from '../limits/limits.ts'
import { type Fault, refusals } from '../limits/refusals.ts'

const slash = 0x2f

/** Whether a client may name this topic in a PUBLISH or a will: its form and its size. */
export function checkPublishTopic(limits: Limits, buffer: Buffer, start: number, end: number): Fault | undefined {
  const fault = checkTopicName(buffer, start, end)
  if (fault !== undefined) return fault
  if (end - start > limits.topicBytesMax) {
    const message = `topic longer than ${limits.topicBytesMax} bytes`
    return { reasonCode: refusals['topic-bytes'], refusal: 'topic-bytes', message }
  }
  let levels = 1
  for (let at = start; at < end; at++) if (buffer[at] === slash) levels++
  if (levels > limits.topicLevelsMax) {
    const message = `topic deeper than ${limits.topicLevelsMax} levels`
    return { reasonCode: refusals['topic-levels'], refusal: 'topic-levels', message }
  }
  return undefined
}
