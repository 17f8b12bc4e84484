/** Page, REST, health and metrics of a process that runs a broker and nothing else. */
import type { ConsoleServer } from '@hawser/console'
import type { WatchedParts } from '../broker/watched-broker.ts'
import { openConsole } from './console.ts'
import type { EngineContext } from './engine.ts'

/** Loaded when it is asked for: what only REST and page need is more than the whole broker. */
export async function openBrokerConsole(parts: WatchedParts & EngineContext): Promise<ConsoleServer> {
  const { watchedBroker } = await import('../broker/watched-broker.ts')
  return openConsole(parts.configuration, watchedBroker(parts), parts, parts.signal)
}
