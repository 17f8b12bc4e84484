export type { Climate } from './model/climate-join.ts'
export { type MachineOptions, machineDefaults, plannedRunTimePerItemMicros } from './model/machine.ts'
export { replay } from './replay/replay.ts'
export type { ReplayContext, ReplayOptions, ReplayProgress, ReplayReport } from './replay/replay-types.ts'
export type { Log, Qos } from './runtime/broker-connection.ts'
export { brokerUrl } from './runtime/broker-url.ts'
export type { PartContext } from './runtime/outlet.ts'
export { type DeviceKind, deviceKindDefaults, deviceKinds } from './scenario/device-kinds.ts'
export {
  type DeviceOptions,
  type DevicePart,
  deviceIds,
  devicePart,
  type ProcessorPartOptions,
  processorPart,
  type ScenarioPart,
  type SubscriberPartOptions,
  subscriberPart,
} from './scenario/part.ts'
export { type RunPartContext, runPart } from './scenario/run-part.ts'
export { type ScenarioName, type ScenarioOptions, scenarioNames, scenarioParts } from './scenario/scenarios.ts'
