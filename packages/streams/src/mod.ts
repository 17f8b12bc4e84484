export {
  type ClimateFlag,
  type ClimateValue,
  celsiusText,
  climateDecimals,
  dewPoint,
  heatIndex,
  heatIndexFahrenheit,
} from './climate/climate.ts'
export {
  type ClimateQuantity,
  type ClimateSample,
  type DerivedClimate,
  emptyJoiner,
  type JoinerState,
  joinClimate,
} from './climate/joiner.ts'
export { compareDecimals, type Decimal, parseDecimal } from './decimal/decimal.ts'
export {
  JsonNumber,
  type JsonObject,
  type JsonOutcome,
  type JsonRefusal,
  type JsonValue,
  jsonBytesMax,
  jsonDepthMax,
  readJson,
} from './json/json.ts'
export { parsePath, valueAt } from './json/path.ts'
export { readTelemetry } from './reading/read-telemetry.ts'
export {
  type AsideReason,
  asideReasons,
  type CounterReading,
  type Flag,
  flagReasons,
  type Reading,
  type ReadOutcome,
  type RecordSource,
  type RefusalReason,
  refusalReasons,
} from './reading/types.ts'
export { factorySpecification } from './specification/factory.ts'
export { defineSpecification, type Specification } from './specification/specification.ts'
export {
  type Calendar,
  type ClimateFormula,
  type CounterField,
  type KeySource,
  type MachineDefinition,
  type MeasureField,
  type Shift,
  type SpecificationData,
  type StateClass,
  type TimeFormat,
  timeFormats,
  type Windowing,
} from './specification/types.ts'
export { decodeMachineState, encodeMachineState } from './stage-a/state-codec.ts'
export { reopenMicros, stepMachine } from './stage-a/step-machine.ts'
export { type AlarmEdge, emptyMachineState, type MachineState, type MachineStep } from './stage-a/types.ts'
export {
  type Accumulator,
  type AccumulatorColumn,
  type AccumulatorRow,
  accumulatorColumns,
  type Column,
  keyColumns,
  type MeasureAccumulator,
  type MeasureColumn,
  type MergeRule,
  measureColumns,
  type SqlType,
  stateColumns,
  type WindowKey,
} from './stage-b/columns.ts'
export { evaluateKpis, evaluateMeasure, type Kpis, type KpiValue, type MeasureValues } from './stage-b/evaluate.ts'
export { type Formula, type KpiName, kpiFormulas, kpiNames, kpiScale } from './stage-b/formulas.ts'
export { emptyAccumulator, latestRevisions, mergeAccumulators, mergeMeasures } from './stage-b/merge.ts'
export { type ColumnExpression, kpiSql, type MeasureSql, measureSql, mergedColumn, plainColumn } from './stage-b/sql.ts'
export { parseIso8601, parseTime } from './time/parse-time.ts'
export { openZone, type Zone } from './time/zone.ts'
