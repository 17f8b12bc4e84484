/** What each scenario consists of, beside the servers. The message logger is a connector, and so none of these. */
import { HawserError } from '@hawser/std'
import type { DeviceKind } from './device-kinds.ts'
import { deviceIds, devicePart, processorPart, type ScenarioPart, subscriberPart } from './part.ts'

export const scenarioNames = ['factory', 'sensors', 'fleet'] as const
export type ScenarioName = (typeof scenarioNames)[number]

export interface ScenarioOptions {
  /** How many of a kind: `{ sine: 3 }`. 0 leaves it out. */
  readonly scale?: Readonly<Record<string, number>>
  /** How often each machine reports, in place of its kind's own interval. */
  readonly machineIntervalSeconds?: number
}

interface ScalablePart {
  readonly kind: ScenarioPart['kind']
  readonly count: number
  readonly countMax: number
  readonly make: (count: number) => ScenarioPart
}

const devicesMax = 10_000

const devices = (kind: DeviceKind, count: number, intervalSeconds?: number): ScalablePart => ({
  kind,
  count,
  countMax: devicesMax,
  make: (wanted) =>
    devicePart(kind, {
      ids: deviceIds(kind, wanted),
      ...(intervalSeconds === undefined ? {} : { intervalSeconds }),
    }),
})

const single = (kind: ScenarioPart['kind'], make: () => ScenarioPart): ScalablePart => ({
  kind,
  count: 1,
  countMax: 1,
  make,
})

const scenarios: Readonly<Record<ScenarioName, (options: ScenarioOptions) => readonly ScalablePart[]>> = {
  factory: ({ machineIntervalSeconds }) => [devices('machine', 5, machineIntervalSeconds)],
  sensors: () => [
    devices('sine', 3),
    devices('temperature', 1),
    devices('humidity', 1),
    single('processor', processorPart),
    single('subscriber', subscriberPart),
  ],
  fleet: () => [devices('vehicle', 3)],
}

export function scenarioParts(name: ScenarioName, options: ScenarioOptions = {}): readonly ScenarioPart[] {
  return scenarios[name](options).flatMap((part) => {
    const count = options.scale?.[part.kind] ?? part.count
    if (!Number.isSafeInteger(count) || count < 0 || count > part.countMax) {
      throw new HawserError('USAGE', `scale ${part.kind}=${count} cannot be`, {
        mend: `give a whole number from 0 to ${part.countMax}`,
      })
    }
    return count === 0 ? [] : [part.make(count)]
  })
}
