/** Something built wrong on purpose: the model must notice it. */
import type { History } from '../history.ts'
import type { RunOptions } from '../run.ts'

export interface Fault extends RunOptions {
  readonly name: string
  /** What shows it; else seeds are tried until one does. */
  readonly history?: History
  /** How the model words what it has noticed. */
  readonly shows: RegExp
}
