/** Several brokers of one log, as processes are, on a simulated host. */
import { createSimulatedHost, type SimulatedMember, type SimulatedSchedule } from '@hawser/engine/simulated'
import { type BrokerUnderTest, brokerUnderTest, type UnderTestOptions } from './broker-under-test.ts'

export interface ProcessUnderTest extends BrokerUnderTest {
  readonly member: SimulatedMember
}

export interface ProcessesUnderTest extends AsyncDisposable {
  readonly processes: readonly ProcessUnderTest[]
  /** Another one. */
  start(): Promise<ProcessUnderTest>
}

export interface ProcessesOptions extends Omit<UnderTestOptions, 'schedule'> {
  /** When each process does what comes to it; by default a turn of the event loop later. */
  readonly hostSchedule?: SimulatedSchedule
}

export async function processesUnderTest(count: number, options: ProcessesOptions = {}): Promise<ProcessesUnderTest> {
  const { hostSchedule, ...each } = options
  const host = createSimulatedHost(hostSchedule && { schedule: hostSchedule })
  const resources = new AsyncDisposableStack()
  const start = async (): Promise<ProcessUnderTest> => {
    const member = host.start()
    const { log, state, members } = member
    const under = await brokerUnderTest({ ...each, log, state, members, owns: member })
    resources.use(under)
    return Object.assign(under, { member })
  }
  const processes: ProcessUnderTest[] = []
  while (processes.length < count) processes.push(await start())
  return { processes, start, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}
