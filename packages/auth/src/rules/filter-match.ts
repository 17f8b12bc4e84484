/**
 * How topic filters meet topics and each other: section 4.7. They walk the texts and allocate nothing, because the
 * first stands on the way of every publish.
 */

/** The end of the level that begins at `start`. */
function levelEnd(text: string, start: number): number {
  const slash = text.indexOf('/', start)
  return slash === -1 ? text.length : slash
}

const isWildcard = (filter: string, at: number): boolean => filter[at] === '+' || filter[at] === '#'

/** A `#` matches the parent of its level too. */
const endsInHash = (filter: string, parentEnd: number): boolean =>
  filter.length === parentEnd + 2 && filter[parentEnd + 1] === '#'

/** [MQTT-4.7.2-1]: a leading wildcard matches nothing that begins with `$`. */
const hiddenFrom = (filter: string, topic: string): boolean => topic[0] === '$' && isWildcard(filter, 0)

function sameLevel(a: string, aStart: number, aEnd: number, b: string, bStart: number, bEnd: number): boolean {
  if (aEnd - aStart !== bEnd - bStart) return false
  for (let at = aStart; at < aEnd; at++) if (a.charCodeAt(at) !== b.charCodeAt(bStart + at - aStart)) return false
  return true
}

/** Whether a filter matches a topic name. */
export const filterMatches = (filter: string, topic: string): boolean => covers(filter, topic)

/** Whether every topic that `inner` can match is matched by `outer`. A topic name is the filter of itself. */
export function covers(outer: string, inner: string): boolean {
  if (hiddenFrom(outer, inner)) return false
  let outerAt = 0
  let innerAt = 0
  for (;;) {
    if (outer[outerAt] === '#') return true
    if (inner[innerAt] === '#') return false
    const outerEnd = levelEnd(outer, outerAt)
    const innerEnd = levelEnd(inner, innerAt)
    if (outer[outerAt] !== '+' && !sameLevel(outer, outerAt, outerEnd, inner, innerAt, innerEnd)) return false
    const outerDone = outerEnd === outer.length
    if (innerEnd === inner.length) return outerDone || endsInHash(outer, outerEnd)
    if (outerDone) return false
    outerAt = outerEnd + 1
    innerAt = innerEnd + 1
  }
}

/** Whether there is a topic that both match. */
export function overlaps(one: string, other: string): boolean {
  if (hiddenFrom(one, other) || hiddenFrom(other, one)) return false
  let oneAt = 0
  let otherAt = 0
  for (;;) {
    if (one[oneAt] === '#' || other[otherAt] === '#') return true
    const oneEnd = levelEnd(one, oneAt)
    const otherEnd = levelEnd(other, otherAt)
    const free = one[oneAt] === '+' || other[otherAt] === '+'
    if (!free && !sameLevel(one, oneAt, oneEnd, other, otherAt, otherEnd)) return false
    const oneDone = oneEnd === one.length
    const otherDone = otherEnd === other.length
    if (oneDone) return otherDone || endsInHash(other, otherEnd)
    if (otherDone) return endsInHash(one, oneEnd)
    oneAt = oneEnd + 1
    otherAt = otherEnd + 1
  }
}
