/** In order, each within the bounds and of one item at least. */
export function* chunksOf<Item>(
  items: readonly Item[],
  bytesOf: (item: Item) => number,
  bytesMax: number,
  itemsMax = Number.POSITIVE_INFINITY,
): Generator<readonly Item[]> {
  let chunk: Item[] = []
  let bytes = 0
  for (const item of items) {
    const itemBytes = bytesOf(item)
    if (chunk.length > 0 && (chunk.length === itemsMax || bytes + itemBytes > bytesMax)) {
      yield chunk
      chunk = []
      bytes = 0
    }
    chunk.push(item)
    bytes += itemBytes
  }
  if (chunk.length > 0) yield chunk
}
