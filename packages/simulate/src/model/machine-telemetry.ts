/** What a machine publishes of itself: its reading, and the master data of the plant around it. */
import type { EpochMicros } from '@hawser/std'
import { rounded } from './device-model.ts'
import type { MachineReading } from './machine.ts'
import { naiveUtcTimestamp } from './timestamp.ts'

const operatorsByShift = {
  MORNING: ['Anna Becker', 'Jonas Weber', 'Mira Novak'],
  AFTERNOON: ['Lukas Hoffmann', 'Elif Demir', 'Paul Fischer'],
  NIGHT: ['Sofia Rossi', 'Tomasz Nowak', 'Lea Schulz'],
} as const
const halls = ['Hall A', 'Hall B', 'Hall C'] as const
const firmwareVersions = ['2.4.1', '2.4.3', '2.5.0'] as const

function shiftAt(at: EpochMicros): keyof typeof operatorsByShift {
  const hour = new Date(at / 1000).getUTCHours()
  if (hour >= 6 && hour < 14) return 'MORNING'
  return hour >= 14 && hour < 22 ? 'AFTERNOON' : 'NIGHT'
}

/** Master data follow from the id, so that they are the same in every run. */
function ofId<Item>(id: string, items: readonly [Item, ...Item[]]): Item {
  const sum = Array.from(id).reduce((total, character) => total + (character.codePointAt(0) ?? 0), 0)
  return items[sum % items.length] ?? items[0]
}

export function machineTelemetry(id: string, reading: MachineReading): string {
  const shift = shiftAt(reading.at)
  return JSON.stringify({
    timestamp: naiveUtcTimestamp(reading.at),
    machine_id: id,
    temperature: rounded(reading.temperature, 2),
    speed: rounded(reading.speed, 1),
    state: reading.state,
    alarm: reading.alarm,
    oee: rounded(reading.efficiency, 4),
    last_maintenance: naiveUtcTimestamp(reading.lastMaintenance),
    operator_name: ofId(id, operatorsByShift[shift]),
    shift,
    production_count: Math.floor(reading.produced),
    location: ofId(id, halls),
    firmware_version: ofId(id, firmwareVersions),
  })
}
