/** A broker of a test's own, on engines that can be crashed: what it writes after the crash is lost. */
import { createClassedLog, type MessageLog, position, type StateStore, volatilePartition } from '@hawser/engine'
import { createMemoryLog, createMemoryState } from '@hawser/engine/memory'
import { type Clock, seededRandom, systemClock } from '@hawser/std'
import { createBroker } from '../broker.ts'
import type { Broker, BrokerOptions } from '../options.ts'
import { assertBalanced } from './assert-balanced.ts'
import { RawClient, type RawConnectOptions } from './raw-client.ts'

export interface BrokerUnderTest extends AsyncDisposable {
  readonly broker: Broker
  readonly port: number
  readonly webSocketPort: number
  readonly log: MessageLog
  connect(options?: RawConnectOptions): Promise<RawClient>
  /** Ends the process as far as log and state can tell, and starts another on what they hold. */
  crash(changes?: UnderTestOptions): Promise<BrokerUnderTest>
  /** Stops as an operator would, and starts again. */
  restart(changes?: UnderTestOptions): Promise<BrokerUnderTest>
}

export interface UnderTestOptions extends Partial<BrokerOptions> {
  readonly clock?: Clock
  readonly schedule?: (flush: () => void) => void
  /** Of the log in memory beside it, where there are `memoryFilters`. */
  readonly volatileSchedule?: (flush: () => void) => void
}

interface Engines {
  lives: number
  readonly log: MessageLog
  readonly state: StateStore
}

export function brokerUnderTest(options: UnderTestOptions = {}): Promise<BrokerUnderTest> {
  const { schedule } = options
  const log = createMemoryLog({ bytesMax: 64 << 20, random: seededRandom(1), ...(schedule && { schedule }) })
  return start(options, { log, state: createMemoryState(), lives: 0 })
}

async function start(options: UnderTestOptions, engines: Engines): Promise<BrokerUnderTest> {
  const alive = { yes: true }
  const lasting = mortalLog(engines.log, alive)
  // What is in memory alone begins anew with each process.
  const log = options.memoryFilters
    ? createClassedLog(lasting, volatileLog(++engines.lives, options.volatileSchedule))
    : lasting
  const clients = new AsyncDisposableStack()
  const broker = await createBroker({
    log,
    state: mortalState(engines.state, alive),
    clock: systemClock,
    random: seededRandom(1),
    listeners: [
      { protocol: 'mqtt', name: 'tcp', host: '127.0.0.1', port: 0 },
      { protocol: 'ws', name: 'ws', host: '127.0.0.1', port: 0 },
    ],
    onFault: (message, error) => {
      if (alive.yes) throw new Error(message, { cause: error })
    },
    ...options,
  })
  const [tcp, ws] = broker.listeners
  let stopped = false
  const stop = async (): Promise<void> => {
    // Whatever a test has done, nothing of it is unaccounted for. Once stopped it has nothing to say of a later one.
    if (alive.yes && !stopped) assertBalanced(broker)
    stopped = true
    await clients.disposeAsync()
    await broker[Symbol.asyncDispose]()
  }
  return {
    broker,
    log,
    port: tcp?.port ?? 0,
    webSocketPort: ws?.port ?? 0,
    connect: async (connect = {}) => clients.use(await RawClient.connect(tcp?.port ?? 0, connect)),
    crash: async (changes = {}) => {
      assertBalanced(broker)
      alive.yes = false
      await stop()
      return start({ ...options, ...changes }, engines)
    },
    restart: async (changes = {}) => {
      await stop()
      return start({ ...options, ...changes }, engines)
    },
    [Symbol.asyncDispose]: stop,
  }
}

const volatileLog = (life: number, schedule: UnderTestOptions['volatileSchedule']): MessageLog =>
  createMemoryLog({
    own: volatilePartition,
    birth: position(life * 1_000_000),
    random: seededRandom(life),
    ...(schedule && { schedule }),
  })

/** After death nothing is appended and no commit is heard. */
function mortalLog(log: MessageLog, alive: { readonly yes: boolean }): MessageLog {
  const mortal: Partial<MessageLog> = {
    reserve: (...head) => (alive.yes ? log.reserve(...head) : -1),
    onCommit: (listener) => log.onCommit((batch) => alive.yes && listener(batch)),
  }
  return new Proxy(log, {
    get(target, name) {
      const own = mortal[name as keyof MessageLog]
      if (own !== undefined) return own
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

function mortalState(state: StateStore, alive: { readonly yes: boolean }): StateStore {
  return {
    get: (table, key) => state.get(table, key),
    scan: (table, from) => state.scan(table, from),
    write: (changes) => (alive.yes ? state.write(changes) : Promise.resolve('applied')),
    [Symbol.asyncDispose]: async () => undefined,
  }
}
