/** Which part of a load is one process's. */
export interface Part {
  readonly index: number
  readonly of: number
}

/** [from, end) of `count` that are the part's. */
export function partOf(count: number, { index, of }: Part): { readonly from: number; readonly end: number } {
  return { from: Math.floor((count * index) / of), end: Math.floor((count * (index + 1)) / of) }
}
