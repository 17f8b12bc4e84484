/** Asks for the next value while the last one is being used: never more than one ahead. */
export async function* readAhead<Value>(source: AsyncGenerator<Value>): AsyncGenerator<Value> {
  let next = source.next()
  try {
    for (;;) {
      const result = await next
      if (result.done === true) return
      next = source.next()
      // Where the reader leaves, nobody asks for this one any more; where it stays, the await above throws it.
      next.catch(() => {})
      yield result.value
    }
  } finally {
    await source.return(undefined)
  }
}
