/** What can be seen of a running connector from outside. */

export interface Lag {
  /** Records of the log behind which the cursor is; those that match no filter count until they are passed. */
  readonly messages: number
  /** Their share of the log's bytes, estimated from the mean size of a record. */
  readonly bytes: number
  /** Age of the oldest message that waits. */
  readonly seconds: number
  /** Of what the connector may hold back, how much these bytes are; past 1 its policy applies. */
  readonly backlogShare: number
}

export type ConnectorState =
  /** The sink is being opened for the first time. */
  | { readonly kind: 'starting' }
  | { readonly kind: 'running' }
  /** Far behind, or the sink does not answer; it goes on by itself. */
  | ({ readonly kind: 'lagging'; readonly isRetrying: boolean } & Lag)
  | { readonly kind: 'paused' }
  /** It will not go on before somebody mends the reason and resumes it. */
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'stopped' }

export interface ConnectorView {
  readonly name: string
  /** Of sink. */
  readonly kind: string
  readonly state: ConnectorState
  readonly lag: Lag
  readonly written: number
  readonly duplicates: number
  readonly deadLetters: number
  /** Left out by rules, or expired before they could be sent. */
  readonly dropped: number
  /** Records that the log had forgotten before they could be read. */
  readonly lost: number
  /** The newest, kept after the connector has recovered. */
  readonly lastError: string | undefined
}
