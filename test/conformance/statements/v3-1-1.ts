/**
 * MQTT 3.1.1, OASIS Standard, 29 October 2014: 141 ids. The text misprints three: 3.1.2-7 as `MQTT-3.1.2.7`, 3.3.1-1 as
 * `MQTT-3.3.1.-1` and 3.8.3-4 as `MQTT-3-8.3-4`.
 */
import type { Statement } from './statement.ts'
import { v311Behavior } from './v3-1-1-behavior.ts'
import { v311Packets } from './v3-1-1-packets.ts'

export const statementsV311: readonly Statement[] = [...v311Packets, ...v311Behavior]
