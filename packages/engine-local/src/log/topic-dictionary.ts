/** The dictionary as searches use it: read when a wildcard first asks for it, and further as it grows. */
import { open } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type SpanMatcher, topicMatches } from '@hawser/engine'
import { decodeChunks, dictionaryHeadBytes } from './dictionary-format.ts'
import type { IndexBlock } from './index-block.ts'
import { barrierHash, hashName, hashTopic } from './topic-hash.ts'
import { TopicTrie } from './topic-trie.ts'

const barriersAlone: ReadonlySet<number> = new Set([barrierHash])
/** How many names are taken in before the event loop gets a turn. */
const namesPerTurnMax = 2000

export class TopicDictionary {
  readonly #path: string
  readonly #trie = new TopicTrie()
  #loadedBytes = dictionaryHeadBytes
  #loading: Promise<void> = Promise.resolve()

  constructor(path: string) {
    this.#path = path
  }

  get loadedBytes(): number {
    return this.#loadedBytes
  }

  /** Answers whether all names of the first `bytes` are known. */
  async reach(bytes: number): Promise<boolean> {
    if (this.#loadedBytes < bytes) {
      const before = this.#loading
      this.#loading = before.then(() => (this.#loadedBytes < bytes ? this.#load() : undefined))
      await this.#loading
    }
    return this.#loadedBytes >= bytes
  }

  match(filter: string, into: Set<number>): void {
    this.#trie.match(filter, into)
  }

  async #load(): Promise<void> {
    await using file = await open(this.#path, 'r')
    const { size } = await file.stat()
    const bytes = Buffer.alloc(size - this.#loadedBytes)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, this.#loadedBytes)
    const names: { readonly start: number; readonly end: number }[] = []
    const soundBytes = decodeChunks(bytes.subarray(0, bytesRead), 0, (start, end) => names.push({ start, end }))
    for (const [index, { start, end }] of names.entries()) {
      this.#trie.add(bytes.toString('latin1', start, end), hashTopic(bytes, start, end))
      if (index % namesPerTurnMax === namesPerTurnMax - 1) await nextTurn()
    }
    this.#loadedBytes += soundBytes
  }
}

/** The hashes of the topics that one search is after, and that of barriers: resolved once, and again only when the dictionary has grown. */
export class WantedTopics {
  readonly #matcher: SpanMatcher
  readonly #dictionary: TopicDictionary
  #resolved: Set<number>
  #resolvedBytes = -1

  constructor(matcher: SpanMatcher, dictionary: TopicDictionary) {
    this.#matcher = matcher
    this.#dictionary = dictionary
    this.#resolved = new Set([barrierHash, ...[...matcher.exact.keys()].map(hashName)])
  }

  /** What to look for from `from` on. Undefined where names are missing, so that the block must be scanned. */
  async inBlock(block: IndexBlock, from: number): Promise<ReadonlySet<number> | undefined> {
    const { wildcards } = this.#matcher
    if (!this.#matcher.touches(from, block.place.next)) return barriersAlone
    if (wildcards.length === 0) return this.#resolved
    if (!(await this.#dictionary.reach(block.place.dictionaryBytes))) return undefined
    if (this.#resolvedBytes !== this.#dictionary.loadedBytes) {
      for (const { filter } of wildcards) this.#dictionary.match(filter, this.#resolved)
      this.#resolvedBytes = this.#dictionary.loadedBytes
    }
    const local = block.localNames.filter((name) => wildcards.some(({ filter }) => topicMatches(filter, name)))
    return local.length === 0 ? this.#resolved : this.#resolved.union(new Set(local.map(hashName)))
  }
}
