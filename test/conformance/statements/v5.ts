/**
 * MQTT 5.0, OASIS Standard, 7 March 2019: 251 ids. There is no 2.2.1-1. The id is the one in the body; where Appendix B
 * or a list made from a draft says something else under it, the body holds.
 */
import type { Statement } from './statement.ts'
import { v5Behavior } from './v5-behavior.ts'
import { v5Connect } from './v5-connect.ts'
import { v5Packets } from './v5-packets.ts'

export const statementsV5: readonly Statement[] = [...v5Connect, ...v5Packets, ...v5Behavior]
