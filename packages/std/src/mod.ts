export { aborted } from './aborted.ts'
export { copyBytes, viewOf } from './bytes.ts'
export { type Clock, sleep, systemClock } from './clock.ts'
export { asyncDisposable, disposable } from './dispose.ts'
export { HawserError, type HawserErrorCode, type HawserErrorOptions, hawserErrorCodes } from './errors.ts'
export { keepProcessAlive } from './keep-process-alive.ts'
export { nearest } from './nearest.ts'
export { type Random, seededRandom, systemRandom } from './random.ts'
export {
  type Branded,
  type ClientId,
  type EpochMicros,
  epochMicros,
  type Milliseconds,
  milliseconds,
  type SessionNumber,
  type SteadyMicros,
  steadyMicros,
} from './units.ts'
