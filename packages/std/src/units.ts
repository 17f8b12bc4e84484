/** Brands: numbers and strings that may not be mixed up. They cost nothing at run time. */
declare const unit: unique symbol
export type Branded<Base, Name extends string> = Base & { readonly [unit]: Name }

/** Milliseconds, of a duration or of a monotonic clock; never of the wall clock. */
export type Milliseconds = Branded<number, 'Milliseconds'>
/** Microseconds since the Unix epoch, UTC. Exact as a double until the year 2255. */
export type EpochMicros = Branded<number, 'EpochMicros'>

/**
 * Microseconds on the scale that durations are counted on across processes and restarts: the time since the Unix epoch
 * less the jumps that the wall clock has made.
 */
export type SteadyMicros = Branded<number, 'SteadyMicros'>

export type ClientId = Branded<string, 'ClientId'>
/** A session's number: unique in one log for ever, so that a new session never meets the records of an old one. */
export type SessionNumber = Branded<number, 'SessionNumber'>

export const milliseconds = (value: number): Milliseconds => value as Milliseconds
export const epochMicros = (value: number): EpochMicros => value as EpochMicros
export const steadyMicros = (value: number): SteadyMicros => value as SteadyMicros
