/** Cases that Debian's Mosquitto (2.0.11) does not pass, each with what it does instead. */
import type { Version } from '../statements/statement.ts'

export interface Difference {
  readonly version: Version
  /** A case that bears this id, and no other of its cases, fails. */
  readonly id: string
  readonly difference: string
}

export const mosquittoDifferences: readonly Difference[] = []
