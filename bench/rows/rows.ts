import { connectionRows } from './connection-rows.ts'
import { processRows } from './process-rows.ts'
import type { Row } from './row.ts'
import { trafficRows } from './traffic-rows.ts'

export const rows: readonly Row[] = [...trafficRows, ...connectionRows, ...processRows]
