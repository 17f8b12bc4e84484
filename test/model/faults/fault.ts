/** Something built wrong on purpose: the model must notice it. */
import type { History } from '../history.ts'
import type { RunOptions } from '../run.ts'

export interface Fault extends RunOptions {
  readonly name: string
  /** Which histories show it, by their seeds; else those of all kinds. */
  readonly history?: (seed: number) => History
  /** Seeds are tried from here on until one shows it. */
  readonly from?: number
  /** How the model words what it has noticed. */
  readonly shows: RegExp
}
