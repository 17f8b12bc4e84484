/** Where the text leaves a choice (SHOULD, MAY, "server's option"), what Hawser does and why. */
import type { Version } from './statement.ts'

export interface Choice {
  readonly version: Version | 'both'
  /** The section, or the statement where one leaves the choice: `3.1.2.5`, `MQTT-3.3.5-2`. */
  readonly where: string
  readonly choice: string
  readonly reason: string
}

export const choices: readonly Choice[] = []
