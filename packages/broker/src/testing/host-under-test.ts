/** Several brokers on one simulated host, each a process of its own that can be crashed. */
import { createSimulatedHost, type SimulatedHost, type SimulatedMember } from '@hawser/engine/simulated'
import { type Clock, seededRandom, systemClock } from '@hawser/std'
import { createBroker } from '../broker.ts'
import type { Broker, BrokerOptions } from '../options.ts'
import { assertBalanced } from './assert-balanced.ts'
import { RawClient, type RawConnectOptions } from './raw-client.ts'

export interface ProcessUnderTest extends AsyncDisposable {
  readonly member: SimulatedMember
  readonly broker: Broker
  connect(options?: RawConnectOptions): Promise<RawClient>
  /** Its clients lose their connections; what it writes from now on is lost. */
  crash(): Promise<void>
}

export interface HostUnderTest extends AsyncDisposable {
  readonly host: SimulatedHost
  start(): Promise<ProcessUnderTest>
}

export function hostUnderTest(
  options: Partial<BrokerOptions> & { readonly clock?: Clock; readonly host?: SimulatedHost } = {},
): HostUnderTest {
  const { host = createSimulatedHost({ random: seededRandom(1) }), ...brokerOptions } = options
  const running = new AsyncDisposableStack()
  return {
    host,
    start: async () => running.use(await startProcess(host.start(), brokerOptions)),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

async function startProcess(member: SimulatedMember, options: Partial<BrokerOptions>): Promise<ProcessUnderTest> {
  const clients = new AsyncDisposableStack()
  const broker = await createBroker({
    log: member.log,
    state: member.state,
    members: member.members,
    clock: systemClock,
    random: seededRandom(1 + member.log.own),
    listeners: [{ protocol: 'mqtt', name: 'tcp', host: '127.0.0.1', port: 0 }],
    onFault: (message, error) => {
      if (member.status === 'running') throw new Error(message, { cause: error })
    },
    ...options,
  })
  const port = broker.listeners[0]?.port ?? 0
  let end: Promise<void> | undefined
  const stop = (): Promise<void> => {
    if (end === undefined && member.status === 'running') assertBalanced(broker)
    end ??= (async () => {
      await clients.disposeAsync()
      // A dead process ends as well as it can.
      try {
        await broker[Symbol.asyncDispose]()
      } catch (error) {
        if (member.status !== 'dead') throw error
      }
      await member[Symbol.asyncDispose]()
    })()
    return end
  }
  return {
    member,
    broker,
    connect: async (connect = {}) => clients.use(await RawClient.connect(port, connect)),
    crash: () => {
      member.crash()
      return stop()
    },
    [Symbol.asyncDispose]: stop,
  }
}
