import type { Position } from '@hawser/engine'

/** Whom a share is of that a session has in flight: its group, or another process that hands out for the group. */
export interface ShareOwner {
  /** The filter as subscribed. */
  readonly key: string
  /** Nobody takes it back: it is the session's own. */
  readonly dropped: boolean
  /** Deliveries at QoS 1 that are not acknowledged. */
  inflight: number
  /** Deliveries that have begun, ever. */
  begun: number
  /** At QoS 2, and in the journal, which may not be durable yet: rows that are made from now on have it. */
  assigned(position: Position): void
  /** At QoS 2, and durable: it is the session's for ever. */
  taken(position: Position): void
  /** Acknowledged, or discarded. */
  completed(position: Position): void
}
