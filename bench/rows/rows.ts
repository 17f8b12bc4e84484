import { processRows } from './process-rows.ts'
import type { Row } from './row.ts'
import { trafficRows } from './traffic-rows.ts'

export const rows: readonly Row[] = [...trafficRows, ...processRows]
