/** MQTT 3.1.1, OASIS Standard, 29 October 2014. */
import type { Statement } from './statement.ts'

export const statementsV311: readonly Statement[] = []
