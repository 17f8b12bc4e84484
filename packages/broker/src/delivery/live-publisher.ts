import type { SessionNumber } from '@hawser/std'
import type { Reading } from '../session/reading.ts'

/** Whose message it is, as far as a live delivery asks. */
export interface LivePublisher {
  readonly session: { readonly number: SessionNumber; readonly clientId: string } | undefined
  readonly reading: { holdFor(receiver: Reading): void }
}
