/** The spans of one search, made ready to be asked about many records. Topics are UTF-8 bytes held as latin1 strings. */
import { FilterTrie } from './filter-trie.ts'
import type { FilterSpan } from './log.ts'
import { recordKind, recordKindAt, recordTopicEnd, recordTopicStart } from './record.ts'
import type { RecordPlaces } from './record-places.ts'

/** How many topics' answers one search remembers. */
const rememberedTopicsMax = 16_384

const hasWildcard = (filter: string): boolean => filter.includes('+') || filter.includes('#')

export class SpanMatcher {
  readonly exact: ReadonlyMap<string, readonly FilterSpan[]>
  readonly wildcards: readonly FilterSpan[]
  readonly #wild = new FilterTrie<FilterSpan>()
  readonly #remembered = new Map<string, readonly FilterSpan[]>()

  constructor(spans: readonly FilterSpan[]) {
    const asLatin1 = spans.map((span) => ({ ...span, filter: Buffer.from(span.filter).toString('latin1') }))
    this.wildcards = asLatin1.filter((span) => hasWildcard(span.filter))
    for (const span of this.wildcards) this.#wild.add(span.filter, span)
    this.exact = Map.groupBy(
      asLatin1.filter((span) => !hasWildcard(span.filter)),
      (span) => span.filter,
    )
  }

  /** Whether any span counts somewhere in [first, next). */
  touches(first: number, next: number): boolean {
    const overlaps = (span: FilterSpan): boolean => span.since < next && span.until > first
    return this.wildcards.some(overlaps) || this.exact.values().some((spans) => spans.some(overlaps))
  }

  /** Keeps those places whose record is a publish that a span matches, or a barrier. */
  select(bytes: Buffer, places: RecordPlaces): void {
    let kept = 0
    for (let index = 0; index < places.count; index++) {
      const at = places.offsets[index] ?? 0
      const position = places.positions[index] ?? 0
      if (!this.#matches(bytes, at, position)) continue
      places.offsets[kept] = at
      places.positions[kept] = position
      kept++
    }
    places.count = kept
  }

  #matches(bytes: Buffer, at: number, position: number): boolean {
    const kind = recordKindAt(bytes, at)
    if (kind !== recordKind.publish) return kind === recordKind.barrier
    const topic = bytes.toString('latin1', recordTopicStart(at), recordTopicEnd(bytes, at))
    for (const span of this.#spansOf(topic)) if (span.since <= position && position < span.until) return true
    return false
  }

  #spansOf(topic: string): readonly FilterSpan[] {
    const known = this.#remembered.get(topic)
    if (known !== undefined) return known
    const spans = this.#wild.match(topic).concat(this.exact.get(topic) ?? [])
    if (this.#remembered.size === rememberedTopicsMax) this.#remembered.clear()
    this.#remembered.set(topic, spans)
    return spans
  }
}
