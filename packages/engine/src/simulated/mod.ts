export { createSimulatedHost, type SimulatedHost, type SimulatedHostOptions, type SimulatedMember } from './host.ts'
export type { SimulatedSchedule, SimulatedTurn } from './turns.ts'
