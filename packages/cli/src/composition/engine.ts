/** The only place that names engines: what the log and the state of this process are made of. */
import {
  createClassedLog,
  type Members,
  type MessageLog,
  nextBirth,
  type StateStore,
  volatilePartition,
} from '@hawser/engine'
import type { Clock, Random } from '@hawser/std'
import { type Configuration, retentionOf } from '../config/configuration.ts'
import type { Logger } from '../logging/logger.ts'

export interface Engine extends AsyncDisposable {
  readonly log: MessageLog
  readonly state: StateStore
  /** Where it may be one of several processes. */
  readonly members?: Members | undefined
  /** Of the host's boot, where it outlives the process. */
  readonly bootId?: string | undefined
  /** Whether processes on other hosts have the same log and state. */
  readonly hosts?: 'one' | 'many'
  /** Aborts with the reason when this process may do nothing any more. */
  readonly lost?: AbortSignal | undefined
  /** Where the log is; null where it is in memory. */
  readonly path: string | null
}

export interface EngineContext {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** `member`: other processes may have the data folder open too, as members. */
export async function openEngine(
  configuration: Configuration,
  context: EngineContext,
  member: boolean,
): Promise<Engine> {
  if (configuration.engine.servers.length > 0) {
    const { openEngineOnServers } = await import('./engine-on-servers.ts')
    return openEngineOnServers(configuration, context)
  }
  const { durability } = configuration.log
  switch (durability) {
    case 'memory':
      return openMemoryEngine(context)
    case 'disk':
      return openDiskEngine(configuration, context, member)
    default:
      throw durability satisfies never
  }
}

async function openMemoryEngine({ random }: EngineContext): Promise<Engine> {
  const { createMemoryLog, createMemoryState } = await import('@hawser/engine/memory')
  await using stack = new AsyncDisposableStack()
  const state = stack.use(createMemoryState({ outlivesProcess: false }))
  const log = stack.use(createMemoryLog({ random }))
  return owned({ log, state, path: null }, stack.move())
}

async function openDiskEngine(
  { dataDir, log: options }: Configuration,
  context: EngineContext,
  member: boolean,
): Promise<Engine> {
  const { openLocalEngine } = await import('@hawser/engine-local')
  const { clock, random, logger } = context
  await using stack = new AsyncDisposableStack()
  const engine = stack.use(
    await openLocalEngine({
      folder: dataDir,
      share: member ? 'member' : 'alone',
      clock,
      random,
      retention: retentionOf(options),
      onFault: (error) => logger.error(error.message),
      onEnded: ({ pid, silentMsMin }) =>
        logger.warn(`process ${pid} showed no sign of life for ${silentMsMin / 1000} s: ended, to be taken over`),
      onRecovery: (note) => logger.warn(`log recovered: ${JSON.stringify(note)}`),
    }),
  )
  if (options.memoryFilters.length === 0) return owned(engine, stack.move())
  const { createMemoryLog } = await import('@hawser/engine/memory')
  const birth = await nextBirth(engine.state, clock)
  const memory = stack.use(createMemoryLog({ own: volatilePartition, birth, random }))
  return owned({ ...engine, log: createClassedLog(engine.log, memory) }, stack.move())
}

const owned = (engine: Omit<Engine, keyof AsyncDisposable>, stack: AsyncDisposableStack): Engine => ({
  ...engine,
  [Symbol.asyncDispose]: () => stack.disposeAsync(),
})
