/** What arrived of what was published, by sequence number. */
export interface Ledger {
  readonly delivered: number
  readonly duplicated: number
  /** Behind a later message of the same publisher, at the same receiver. */
  readonly outOfOrder: number
  /** Skipped, and not come since. */
  readonly missing: number
  count(receiver: number, publisher: number, sequence: number): void
  /** What has not come behind the newest, once publisher `i` has published `published[i]`. */
  due(published: readonly number[]): number
}
