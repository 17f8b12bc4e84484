/** The port of small durable rows with revisions: checkpoints of what the log says, and leases. */

export interface StateRow {
  readonly value: Buffer
  /** Grows with every write of the row, through its deletion too; 0 stands for a row that is not there. */
  readonly revision: number
}

export interface StateChange {
  readonly table: string
  readonly key: string
  /** `null` deletes the row. */
  readonly value: Uint8Array | null
  /** The revision that the row must have now (0: absent); left out where any will do. */
  readonly expected?: number
}

export interface StateStore extends AsyncDisposable {
  /** False: no later process reads it, and what only a start reads need not be written. */
  readonly outlivesProcess?: boolean
  get(table: string, key: string): Promise<StateRow | undefined>
  /**
   * All of the changes or none, as they are when it is called. Resolves once they are durable, or with `conflict`
   * where an expected revision is not what the row had before all of them. Rejects with `STATE_FAILED` or `DISK_FULL` (retryable).
   */
  write(changes: readonly StateChange[]): Promise<'applied' | 'conflict'>
  /**
   * Rows in the order of their keys' first 1,024 bytes, from `from` on, each as it is when reached. A row that
   * stands all the while comes once; one that comes or goes meanwhile may come or not.
   */
  scan(table: string, from?: string): AsyncIterable<StateRow & { readonly key: string }>
}
