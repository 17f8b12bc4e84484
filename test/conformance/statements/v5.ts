/** MQTT 5.0, OASIS Standard, 7 March 2019. */
import type { Statement } from './statement.ts'

export const statementsV5: readonly Statement[] = []
