/** A load of many clients in several processes against any MQTT broker: what `hawser bench` runs. */
export { type Progress, payloadBytesMin, type Qos, type Target, type TargetTls } from './load/mod.ts'
export type { BenchReport, ConnectingReport, TrafficReport } from './report.ts'
export { type BenchSurroundings, runBench } from './run-bench.ts'
export { type BenchPlan, type Scenario, scenarios, usualClients } from './scenario.ts'
