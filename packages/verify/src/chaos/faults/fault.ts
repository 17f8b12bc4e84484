/** Something that is broken for a while. Whatever it breaks, it first says how that is undone. */
import type { Clock, Milliseconds, Random } from '@hawser/std'

export interface FaultContext {
  readonly clock: Clock
  readonly random: Random
  /** Aborts on Ctrl-C and when the run's time is up. */
  readonly signal: AbortSignal
  /** Takes what must be undone; it is undone behind the hold, and also when the run fails or is broken off. */
  readonly undo: AsyncDisposableStack
}

export interface Fault {
  readonly name: string
  /** How long it stays broken, where nothing else is said. */
  readonly holdMs: Milliseconds
  /** It is broken only when `inject` has ended, which takes a while: time runs from then. */
  readonly isLate?: boolean
  /** Why it cannot be done here. */
  readonly missing?: string | undefined
  /** Once, ahead of the first round. */
  prepare?(context: FaultContext): Promise<void>
  /** Answers what it has done, in words. */
  inject(context: FaultContext): Promise<string>
}
