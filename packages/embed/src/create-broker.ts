/** `createBroker` with an engine chosen and owned: a data folder, or memory alone. */
import { type Broker, type BrokerOptions, createBroker as createOverEngine, type ListenerOptions } from '@hawser/broker'
import { keepFloor } from '@hawser/engine'
import { createMemoryLog, createMemoryState } from '@hawser/engine/memory'
import { openLocalEngine } from '@hawser/engine-local'
import { type Clock, type Random, systemClock, systemRandom } from '@hawser/std'
import { accessOf, type EmbedHooks } from './hooks.ts'

export interface EmbedOptions
  extends Pick<BrokerOptions, 'access' | 'limits' | 'systemTopicSeconds' | 'originAllowed' | 'onFault'> {
  /** What is acknowledged is on disk in this folder. Without it: in memory, and gone with the process. */
  readonly dataDir?: string
  /** None: the broker is reached by `attach` or from inside the process. */
  readonly listeners?: readonly ListenerOptions[]
  readonly hooks?: EmbedHooks
  /** Ends the broker as disposing of it does. */
  readonly signal?: AbortSignal
  readonly clock?: Clock
  readonly random?: Random
}

/** Rejects with a `HawserError`: `PORT_IN_USE`, `DATA_DIR_IN_USE`, `DATA_DIR_UNUSABLE`, `DATA_DIR_VERSION`, … */
export async function createBroker(options: EmbedOptions = {}): Promise<Broker> {
  const { signal, hooks = {}, clock = systemClock, random = systemRandom, listeners = [], onFault, ...rest } = options
  signal?.throwIfAborted()
  await using opened = new AsyncDisposableStack()
  const engine = await openEngine(options, opened, clock, random)
  const owns = opened.move()
  const access = options.access ?? accessOf(hooks)
  const faults = onFault && { onFault }
  const broker = await createOverEngine({
    ...rest,
    ...faults,
    ...engine,
    owns,
    clock,
    random,
    listeners,
    hooks,
    access,
  })
  owns.use(keepFloor(engine.log, clock, () => broker.floor()))
  if (hooks.event !== undefined) broker.onEvent(hooks.event)
  const onAbort = (): void => {
    Promise.resolve(broker[Symbol.asyncDispose]()).catch((error) => onFault?.('the end of the broker', error))
  }
  signal?.addEventListener('abort', onAbort, { once: true })
  owns.defer(() => signal?.removeEventListener('abort', onAbort))
  return broker
}

async function openEngine(
  { dataDir, onFault }: EmbedOptions,
  owner: AsyncDisposableStack,
  clock: Clock,
  random: Random,
): Promise<Pick<BrokerOptions, 'log' | 'state' | 'bootId'>> {
  if (dataDir !== undefined) {
    const tell = (error: Error): void => onFault?.('the log', error)
    return owner.use(await openLocalEngine({ folder: dataDir, clock, random, onFault: tell }))
  }
  const state = owner.use(createMemoryState({ outlivesProcess: false }))
  return { state, log: owner.use(createMemoryLog({ random })) }
}
