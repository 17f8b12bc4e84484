/** Filters with their spans, made ready to be asked about many topics: exact ones by a look-up, wildcards level by level. */
import { FilterTrie } from '../filter-trie.ts'
import type { FilterSpan } from '../log.ts'
import type { Chunk, ChunkTopic } from './chunk.ts'

/** How many topics' answers one search remembers. */
const rememberedTopicsMax = 65_536

const hasWildcard = (filter: string): boolean => filter.includes('+') || filter.includes('#')

export class SpanMatcher {
  readonly #exact = new Map<string, FilterSpan[]>()
  readonly #wildcards = new FilterTrie<FilterSpan>()
  readonly #hasWildcards: boolean
  readonly #remembered = new Map<string, readonly FilterSpan[]>()

  constructor(spans: readonly FilterSpan[]) {
    this.#hasWildcards = spans.some(({ filter }) => hasWildcard(filter))
    for (const span of spans) {
      if (hasWildcard(span.filter)) {
        this.#wildcards.add(span.filter, span)
        continue
      }
      const sameFilter = this.#exact.get(span.filter)
      if (sameFilter === undefined) this.#exact.set(span.filter, [span])
      else sameFilter.push(span)
    }
  }

  /** Ordinals of the records in [from, to) of a chunk that at least one span matches, and of its barriers, in order. */
  select(chunk: Chunk, from: number, to: number): number[] {
    const { firstPosition } = chunk
    const selected = chunk.barriers(to).filter((ordinal) => ordinal >= from && ordinal < to)
    for (const { topic, ordinals } of this.#candidates(chunk.topics(to))) {
      const spans = this.#spansOf(topic)
      if (spans.length === 0) continue
      for (const ordinal of ordinals) {
        const at = firstPosition + ordinal
        if (ordinal >= from && ordinal < to && spans.some((span) => span.since <= at && at < span.until)) {
          selected.push(ordinal)
        }
      }
    }
    return selected.sort((left, right) => left - right)
  }

  /** Without wildcards only the topics asked for are touched, however many the chunk has. */
  *#candidates(topics: ReadonlyMap<string, ChunkTopic>): Iterable<ChunkTopic> {
    if (this.#hasWildcards) return yield* topics.values()
    for (const filter of this.#exact.keys()) {
      const found = topics.get(Buffer.from(filter).toString('latin1'))
      if (found !== undefined) yield found
    }
  }

  #spansOf(topic: string): readonly FilterSpan[] {
    const known = this.#remembered.get(topic)
    if (known !== undefined) return known
    const spans = this.#wildcards.match(topic).concat(this.#exact.get(topic) ?? [])
    if (this.#remembered.size === rememberedTopicsMax) this.#remembered.clear()
    this.#remembered.set(topic, spans)
    return spans
  }
}
