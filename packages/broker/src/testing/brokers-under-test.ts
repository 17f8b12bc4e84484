/** Several brokers on one simulated host, each with a port of its own, that can be killed one by one. */
import type { Members, MessageLog } from '@hawser/engine'
import {
  createSimulatedHost,
  type SimulatedHost,
  type SimulatedMember,
  type SimulatedSchedule,
} from '@hawser/engine/simulated'
import { seededRandom } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import { createBroker } from '../broker.ts'
import type { Broker, BrokerOptions } from '../options.ts'
import { assertBalanced } from './assert-balanced.ts'
import { RawClient, type RawConnectOptions } from './raw-client.ts'

export interface OneOfBrokers {
  readonly broker: Broker
  readonly member: SimulatedMember
  readonly port: number
  connect(options?: RawConnectOptions): Promise<RawClient>
  /** SIGKILL: its clients' connections are gone with it. */
  kill(): void
  /** As an operator would. */
  stop(): Promise<void>
}

export interface BrokersUnderTest extends AsyncDisposable {
  readonly host: SimulatedHost
  readonly clock: ManualClock
  /** What brokers that live have told as a fault. */
  readonly faults: unknown[]
  start(options?: Partial<BrokerOptions>): Promise<OneOfBrokers>
  /** Lets time go on in steps, with turns of the event loop between them. */
  pass(seconds: number): Promise<void>
}

export interface BrokersOptions {
  readonly seed?: number
  readonly schedule?: SimulatedSchedule
  /** A fault planted in the log of each. */
  readonly logOf?: (log: MessageLog) => MessageLog
  /** Likewise in what each knows of the others. */
  readonly membersOf?: (members: Members) => Members
}

/** Each turn of a process comes a few turns of the event loop late, by a seed. */
export function lateBy(seed: number, turnsMax: number): SimulatedSchedule {
  const random = seededRandom(seed)
  return (_turn, run) => {
    let left = random.integer(turnsMax)
    const later = (): void => {
      if (left-- > 0) setImmediate(later)
      else run()
    }
    setImmediate(later)
  }
}

export const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate)
}

const stepMs = 100
const turnsPerStep = 10

export function brokersUnderTest({ seed = 1, schedule, ...faulty }: BrokersOptions = {}): BrokersUnderTest {
  const host = createSimulatedHost({ random: seededRandom(seed), ...(schedule && { schedule }) })
  const clock = new ManualClock()
  const faults: unknown[] = []
  const running = new Set<OneOfBrokers>()
  return {
    host,
    clock,
    faults,
    start: async (options = {}) => {
      const one = await startOne(host, clock, faults, options, faulty)
      running.add(one)
      return one
    },
    pass: async (seconds) => {
      for (let step = 0; step < (seconds * 1_000) / stepMs; step++) {
        clock.advance(stepMs)
        await turns(turnsPerStep)
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const one of running) if (one.member.status !== 'dead') await one.stop()
    },
  }
}

async function startOne(
  host: SimulatedHost,
  clock: ManualClock,
  faults: unknown[],
  options: Partial<BrokerOptions>,
  { logOf = (log) => log, membersOf = (members) => members }: Pick<BrokersOptions, 'logOf' | 'membersOf'>,
): Promise<OneOfBrokers> {
  const member = host.start()
  const clients = new Set<RawClient>()
  const broker = await createBroker({
    ...{
      log: logOf(member.log),
      state: member.state,
      members: membersOf(member.members),
      clock,
      random: seededRandom(1 + member.log.own),
    },
    listeners: [{ protocol: 'mqtt', name: 'tcp', host: '127.0.0.1', port: 0 }],
    systemTopicSeconds: 0,
    onFault: (message, error) => {
      if (member.status !== 'dead') faults.push(new Error(message, { cause: error }))
    },
    ...options,
  })
  const port = broker.listeners[0]?.port ?? 0
  return {
    broker,
    member,
    port,
    connect: async (connect = {}) => {
      const client = await RawClient.connect(port, connect)
      clients.add(client)
      return client
    },
    kill: () => {
      member.crash()
      for (const client of clients) client.socket.destroy()
      // The dead do not tidy up: what is left of it in this process is.
      void Promise.resolve(broker[Symbol.asyncDispose]()).catch(() => undefined)
    },
    stop: async () => {
      assertBalanced(broker)
      for (const client of clients) client.socket.destroy()
      await broker[Symbol.asyncDispose]()
      await member[Symbol.asyncDispose]()
    },
  }
}
