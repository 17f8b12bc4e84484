/** Keys in the order of their UTF-8 bytes, in blocks, so that one comes or goes at the cost of a block. */

const blockKeysMax = 512
const surrogatesFrom = 0xd800
const aboveSurrogates = 0xe000

/** As their UTF-8 bytes compare: by code points, which UTF-16 has out of order behind its surrogates. */
export function compareKeys(left: string, right: string): number {
  const common = Math.min(left.length, right.length)
  let at = 0
  while (at < common && left.charCodeAt(at) === right.charCodeAt(at)) at++
  if (at === common) return left.length - right.length
  const [one, other] = [left.charCodeAt(at), right.charCodeAt(at)]
  return rank(one) - rank(other)
}

/** Surrogates stand for code points above all others. */
const rank = (unit: number): number => (unit >= surrogatesFrom && unit < aboveSurrogates ? unit + 0x10000 : unit)

export class KeyOrder {
  readonly #blocks: string[][] = [[]]

  add(key: string): void {
    const index = this.#blockOf(key)
    const block = this.#blocks[index] ?? []
    const at = firstAtLeast(block, key)
    if (block[at] === key) return
    block.splice(at, 0, key)
    if (block.length > blockKeysMax) this.#blocks.splice(index + 1, 0, block.splice(block.length >>> 1))
  }

  delete(key: string): void {
    const index = this.#blockOf(key)
    const block = this.#blocks[index] ?? []
    const at = firstAtLeast(block, key)
    if (block[at] !== key) return
    block.splice(at, 1)
    if (block.length === 0 && this.#blocks.length > 1) this.#blocks.splice(index, 1)
  }

  /** The first keys at or behind `from`, no more than a block of them; none where there are none. */
  from(from: string): readonly string[] {
    const index = this.#blockOf(from)
    const block = this.#blocks[index] ?? []
    const at = firstAtLeast(block, from)
    return at < block.length ? block.slice(at) : (this.#blocks[index + 1]?.slice() ?? [])
  }

  /** The last block that begins at or before the key, else the first. */
  #blockOf(key: string): number {
    let low = 0
    let high = this.#blocks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      const first = this.#blocks[middle]?.[0]
      if (first !== undefined && compareKeys(first, key) <= 0) low = middle
      else high = middle - 1
    }
    return low
  }
}

/** The least key that is greater than `key`. */
export const keyAfter = (key: string): string => `${key}\0`

function firstAtLeast(sorted: readonly string[], wanted: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const key = sorted[middle]
    if (key !== undefined && compareKeys(key, wanted) < 0) low = middle + 1
    else high = middle
  }
  return low
}
