/** Machines, their KPI windows and alarms. Ratios are 0 … 1 (OEE is not capped); null means not defined. */
import * as z from 'zod'

const ratio = z.number().nullable()
const spread = z.object({ mean: z.number(), min: z.number(), max: z.number() }).nullable()

/** ISO 22400-2 sees three kinds of time; what no specification maps is unknown. */
export const stateCategories = ['producing', 'down', 'planned-down', 'unknown'] as const

export const kpiWindowSchema = z
  .object({
    startMs: z.number(),
    endMs: z.number(),
    final: z.boolean().describe('false: provisional, the window is still open'),
    oee: ratio,
    availability: ratio,
    effectiveness: ratio,
    quality: ratio,
    qualityAssumed: z.boolean().describe('No scrap counter: quality is taken as 1'),
    alarms: z.int().nonnegative(),
    alarmRatePerHour: z.number().nullable(),
    temperatureCelsius: spread,
    speedRpm: spread,
    produced: z.int().nonnegative(),
    coverage: ratio,
  })
  .meta({ id: 'KpiWindow' })

export const machineSchema = z
  .object({
    id: z.string(),
    state: z.string().describe('As the machine reports it'),
    category: z.enum(stateCategories),
    lastSeenAtMs: z.number(),
    temperatureCelsius: z.number().nullable(),
    speedRpm: z.number().nullable(),
    alarm: z.boolean(),
    current: kpiWindowSchema.nullable(),
    lastFinal: kpiWindowSchema.nullable(),
  })
  .meta({ id: 'Machine' })

export const alarmSchema = z
  .object({
    machineId: z.string(),
    atMs: z.number(),
    severity: z.enum(['info', 'warning', 'critical']),
    message: z.string(),
  })
  .meta({ id: 'Alarm' })

export const stateSegmentSchema = z.object({
  state: z.string(),
  category: z.enum(stateCategories),
  fromMs: z.number(),
  toMs: z.number(),
})

export const machineHistorySchema = z
  .object({
    machineId: z.string(),
    windows: z.array(kpiWindowSchema).describe('Oldest first'),
    segments: z.array(stateSegmentSchema).describe('Oldest first'),
    alarms: z.array(alarmSchema).describe('Newest first'),
  })
  .meta({ id: 'MachineHistory' })

export type StateCategory = (typeof stateCategories)[number]
export type KpiWindow = z.infer<typeof kpiWindowSchema>
export type Machine = z.infer<typeof machineSchema>
export type Alarm = z.infer<typeof alarmSchema>
export type StateSegment = z.infer<typeof stateSegmentSchema>
export type MachineHistory = z.infer<typeof machineHistorySchema>
