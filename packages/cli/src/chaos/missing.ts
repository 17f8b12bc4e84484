import { milliseconds } from '@hawser/std'
import type { Fault } from '@hawser/verify/chaos'

/** What cannot be done here is known by name, with the reason. */
export const missing = (name: string, why: string): Fault => ({
  name,
  holdMs: milliseconds(0),
  missing: why,
  inject: () => Promise.reject(new Error(`${name} is not here`)),
})
