import { type Milliseconds, milliseconds } from '@hawser/std'

/** Every bound of a connector's run. */
export interface RunnerLimits {
  /** A batch is handed over at whichever of the two it reaches first; one more is read ahead meanwhile. */
  readonly batchMessagesMax: number
  readonly batchBytesMax: number
  /** Batches of one partition before the others have their turn. */
  readonly turnBatchesMax: number
  /** How long a caught-up connector waits for more to come before it hands over what has. */
  readonly lingerMs: Milliseconds
  /**
   * How often a caught-up connector makes a cursor durable that passes only foreign records, so that the log need
   * not keep them, and tells its sink the time.
   */
  readonly idleMs: Milliseconds
  /** A record may be committed this much later than its own time says. */
  readonly commitMsMax: Milliseconds
  readonly backoffMsMin: Milliseconds
  readonly backoffMsMax: Milliseconds
  /** How long a batch under way may take after the stop before it is given up. */
  readonly drainMsMax: Milliseconds
  /** Beyond either, a connector counts as lagging. */
  readonly lagMessagesMax: number
  readonly lagSecondsMax: number
  /** How much of the log it may hold back; past it the operator hears of it, and `pastBacklog` says what follows. */
  readonly backlogBytesMax: number
}

export const defaultRunnerLimits: RunnerLimits = {
  batchMessagesMax: 4_000,
  batchBytesMax: 4 << 20,
  turnBatchesMax: 16,
  lingerMs: milliseconds(20),
  idleMs: milliseconds(1_000),
  commitMsMax: milliseconds(5_000),
  backoffMsMin: milliseconds(100),
  backoffMsMax: milliseconds(10_000),
  drainMsMax: milliseconds(3_000),
  lagMessagesMax: 10_000,
  lagSecondsMax: 5,
  backlogBytesMax: 10 * 2 ** 30,
}
