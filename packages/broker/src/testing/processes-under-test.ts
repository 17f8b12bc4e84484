/** So many brokers at once, on one simulated host. */

import { createSimulatedHost, type SimulatedSchedule } from '@hawser/engine/simulated'
import type { Clock } from '@hawser/std'
import type { BrokerOptions } from '../options.ts'
import { hostUnderTest, type ProcessUnderTest } from './host-under-test.ts'

export interface ProcessesUnderTest extends AsyncDisposable {
  readonly processes: readonly ProcessUnderTest[]
  /** Another one. */
  start(): Promise<ProcessUnderTest>
}

export interface ProcessesOptions extends Partial<BrokerOptions> {
  readonly clock?: Clock
  /** When each process does what comes to it; by default a turn of the event loop later. */
  readonly hostSchedule?: SimulatedSchedule
}

export async function processesUnderTest(count: number, options: ProcessesOptions = {}): Promise<ProcessesUnderTest> {
  const { hostSchedule, ...each } = options
  const under = hostUnderTest({ ...each, host: createSimulatedHost(hostSchedule && { schedule: hostSchedule }) })
  const processes: ProcessUnderTest[] = []
  while (processes.length < count) processes.push(await under.start())
  return { processes, start: under.start, [Symbol.asyncDispose]: () => under[Symbol.asyncDispose]() }
}
