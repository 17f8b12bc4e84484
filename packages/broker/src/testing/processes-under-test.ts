/** Several brokers of one log, as processes are, in this one; each has a log of its own until a host simulates theirs. */
import { type Members, type PeerId, partition } from '@hawser/engine'
import { createMemoryBusHub, createMemoryLog, createMemoryState, type MemoryBusHub } from '@hawser/engine/memory'
import { seededRandom } from '@hawser/std'
import { type BrokerUnderTest, brokerUnderTest, type UnderTestOptions } from './broker-under-test.ts'

export interface ProcessesUnderTest extends AsyncDisposable {
  readonly processes: readonly BrokerUnderTest[]
  /** Ends the bus of one, as its death does. */
  leave(index: number): Promise<void>
}

export interface ProcessesOptions extends UnderTestOptions {
  readonly hub?: MemoryBusHub
}

export async function processesUnderTest(count: number, options: ProcessesOptions = {}): Promise<ProcessesUnderTest> {
  const { hub = createMemoryBusHub(), ...each } = options
  const state = createMemoryState()
  const resources = new AsyncDisposableStack()
  const lanes = new Map<PeerId, ReturnType<typeof partition>>()
  const members: Members[] = []
  const processes: BrokerUnderTest[] = []
  for (let lane = 0; lane < count; lane++) {
    const ofOne = membersOf(hub, `p${lane}` as PeerId, lane, lanes)
    members.push(ofOne)
    const log = createMemoryLog({ bytesMax: 64 << 20, random: seededRandom(1), own: partition(lane) })
    processes.push(resources.use(await brokerUnderTest({ ...each, log, state, members: ofOne })))
  }
  return {
    processes,
    leave: async (index) => members[index]?.[Symbol.asyncDispose](),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

function membersOf(
  hub: MemoryBusHub,
  name: PeerId,
  lane: number,
  lanes: Map<PeerId, ReturnType<typeof partition>>,
): Members {
  const bus = hub.join(name)
  lanes.set(name, partition(lane))
  return {
    bus,
    partitionOf: (peer) => lanes.get(peer),
    orphans: () => [],
    onOrphans: () => ({ [Symbol.dispose]: () => undefined }),
    adopt: () => Promise.resolve(undefined),
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  }
}
