/**
 * The port of a source: what comes into the log from elsewhere. A source tells its origin that a message is done only
 * after `take` has resolved, so that whatever ends this process loses nothing.
 *
 * It knows how to get at its origin; the runner (`run-source.ts`) opens it, opens it anew after a failure, counts, and
 * drops what comes again under an event id that the log has among its newest.
 */
import type { Properties } from '@hawser/codec'
import type { LogId } from '@hawser/engine'

export interface Incoming {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  /** As they shall stand in the log. */
  readonly properties: Properties
  /** Its name for ever, where it has one: what comes again under it is dropped. */
  readonly eventId?: string
}

export type PassedOver =
  | { readonly kind: 'duplicate' }
  /** It will never be taken. */
  | { readonly kind: 'refused'; readonly reason: string }

export type Taken = { readonly kind: 'taken' } | PassedOver

/** The way into the log. */
export interface Intake {
  readonly logId: LogId
  /**
   * Resolves once the log has it durably, at QoS 0 at once. What is taken stands in the log in the order of the calls.
   * Rejects, retryable, while the log takes nothing.
   */
  take(message: Incoming): Promise<Taken>
  /** Counts what the source itself does not hand over: it has come back, or will never be taken. */
  passOver(what: PassedOver): void
}

export interface SourceRunContext {
  readonly intake: Intake
  /** Ends the run: what has been taken is still told to the origin, and then it resolves. */
  readonly signal: AbortSignal
  /** To be called once the origin answers. */
  opened(): void
}

export interface Source {
  readonly name: string
  /** `mqtt`, `kafka` … */
  readonly kind: string
  /** Topic filters of all that it hands over: what it has handed over before is looked for there. */
  readonly filters: readonly string[]
  /** Until the signal aborts. Rejects with a `HawserError` that says whether trying again may help. */
  run(context: SourceRunContext): Promise<void>
}
