/** `hawser simulate machine --config FILE`: YAML or JSON with the keys that machine simulators have had before. */
import { readFile } from 'node:fs/promises'
import { type MachineOptions, machineDefaults } from '@hawser/simulate'
import { HawserError, nearest } from '@hawser/std'
import { parse } from 'yaml'
import * as z from 'zod'

export interface MachineConfiguration {
  readonly count?: number
  readonly intervalSeconds?: number
  readonly machine?: MachineOptions
}

const schema = z
  .strictObject({
    machine_count: z.int().min(1).max(10_000),
    interval_seconds: z.number().positive().max(86_400),
    temperature_min: z.number(),
    temperature_max: z.number(),
    temperature_critical: z.number(),
    speed_min: z.number().nonnegative(),
    speed_max: z.number().positive(),
    speed_optimal: z.number().positive(),
    alarm_probability: z.number().min(0).max(1),
    revolutions_per_item: z.number().positive(),
  })
  .partial()

/** A machine set for other temperatures is critical as near to its highest as by default. */
const criticalBelowMax = machineDefaults.temperatureMax - machineDefaults.temperatureCritical

export async function readMachineConfiguration(file: string): Promise<MachineConfiguration> {
  const result = schema.safeParse(await parsed(file))
  if (!result.success) throw faultOf(file, result.error)
  const keys = result.data
  const temperatureMax = keys.temperature_max ?? machineDefaults.temperatureMax
  const machine: MachineOptions = {
    temperatureMin: keys.temperature_min ?? machineDefaults.temperatureMin,
    temperatureMax,
    temperatureCritical: keys.temperature_critical ?? temperatureMax - criticalBelowMax,
    speedMin: keys.speed_min ?? machineDefaults.speedMin,
    speedMax: keys.speed_max ?? machineDefaults.speedMax,
    speedOptimal: keys.speed_optimal ?? machineDefaults.speedOptimal,
    alarmProbability: keys.alarm_probability ?? machineDefaults.alarmProbability,
    revolutionsPerItem: keys.revolutions_per_item ?? machineDefaults.revolutionsPerItem,
  }
  refuseCrossed(file, 'temperature_min', machine.temperatureMin, 'temperature_max', machine.temperatureMax)
  refuseCrossed(file, 'speed_min', machine.speedMin, 'speed_max', machine.speedMax)
  return {
    machine,
    ...(keys.machine_count === undefined ? {} : { count: keys.machine_count }),
    ...(keys.interval_seconds === undefined ? {} : { intervalSeconds: keys.interval_seconds }),
  }
}

async function parsed(file: string): Promise<unknown> {
  try {
    return parse(await readFile(file, 'utf8')) ?? {}
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    throw new HawserError('CONFIG_INVALID', `${file}: ${why}`, { mend: 'give a YAML or JSON file', cause })
  }
}

function faultOf(file: string, error: z.ZodError): HawserError {
  const [issue] = error.issues
  const known = Object.keys(schema.shape)
  if (issue?.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? ''
    const near = nearest(key, known)
    const mend = near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`
    return new HawserError('CONFIG_INVALID', `${file}: unknown key "${key}"`, { mend })
  }
  return new HawserError('CONFIG_INVALID', `${file}: ${issue?.path.join('.')}: ${issue?.message}`, {
    mend: 'correct the value',
  })
}

function refuseCrossed(file: string, minKey: string, min: number, maxKey: string, max: number): void {
  if (min < max) return
  throw new HawserError('CONFIG_INVALID', `${file}: ${minKey} ${min} is not below ${maxKey} ${max}`, {
    mend: 'correct one of them',
  })
}
