const slash = 0x2f
const plus = 0x2b
const hash = 0x23
const dollar = 0x24

/**
 * Whether `topic` matches `filter` by section 4.7 of both specifications; `$` topics match no leading wildcard.
 * The filter is a valid one. Walks both once, as they are written, and allocates nothing.
 * [MQTT-4.7.3-4] v3.1.1 [MQTT-4.7.3-4]
 */
export function topicMatches(filter: string, topic: string): boolean {
  const first = filter.charCodeAt(0)
  // [MQTT-4.7.2-1] v3.1.1 [MQTT-4.7.2-1]
  if (topic.charCodeAt(0) === dollar && (first === plus || first === hash)) return false
  let inFilter = 0
  let inTopic = 0
  // Each round stands at the start of a level on both sides.
  for (;;) {
    const wildcard = filter.charCodeAt(inFilter)
    if (wildcard === hash) return true
    if (wildcard === plus) {
      inFilter++
      inTopic = levelEnd(topic, inTopic)
    } else {
      const end = levelEnd(filter, inFilter)
      while (inFilter < end) if (filter.charCodeAt(inFilter++) !== topic.charCodeAt(inTopic++)) return false
    }
    if (inTopic === topic.length) return inFilter === filter.length || isParentOfAll(filter, inFilter)
    if (inFilter === filter.length || topic.charCodeAt(inTopic) !== slash) return false
    inFilter++
    inTopic++
  }
}

/** `a/#` matches `a` too: section 4.7.1.2 of both versions. */
const isParentOfAll = (filter: string, at: number): boolean =>
  at === filter.length - 2 && filter.charCodeAt(at + 1) === hash

function levelEnd(text: string, from: number): number {
  let at = from
  while (at < text.length && text.charCodeAt(at) !== slash) at++
  return at
}
