import { type DeviceKind, deviceKindDefaults } from '@hawser/simulate'

/** Whether a scenario would name a device of this kind so. */
export function isIdOf(kind: DeviceKind, id: string): boolean {
  const number = Number(/\d{1,9}$/.exec(id)?.[0] ?? 1)
  return deviceKindDefaults[kind].id(number) === id
}
