/** Page, REST, health and metrics of a process that runs a broker and nothing else. */
import { asyncDisposable } from '@hawser/std'
import type { WatchedParts } from '../broker/watched-broker.ts'
import { openConsole } from './console.ts'
import type { EngineContext } from './engine.ts'

export interface BrokerConsole extends AsyncDisposable {
  /** Undefined where it shows no page, and only answers the other processes of its data folder. */
  readonly url: string | undefined
}

/** Loaded when it is asked for: what only REST and page need is more than the whole broker. */
export async function openBrokerConsole(parts: WatchedParts & EngineContext, http: boolean): Promise<BrokerConsole> {
  if (!http && parts.engine.members === undefined) return { url: undefined, ...asyncDisposable(async () => undefined) }
  const { watchedBroker } = await import('../broker/watched-broker.ts')
  await using stack = new AsyncDisposableStack()
  const source = stack.use(watchedBroker(parts))
  const console = http ? stack.use(await openConsole(parts.configuration, source, parts, parts.signal)) : undefined
  const owned = stack.move()
  return { url: console?.url, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
