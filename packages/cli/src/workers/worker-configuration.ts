/** What one of several workers is told: read first, and again by a reload. */
import type { CommandIo } from '../command.ts'
import type { Configuration } from '../config/configuration.ts'
import { type ServerSources, serverConfiguration } from '../shared-flags.ts'

/** A Unix socket cannot be shared: the first worker has it. */
export async function workerConfiguration(
  sources: ServerSources,
  index: number,
  env: CommandIo['env'],
): Promise<Configuration> {
  const configuration = await serverConfiguration(sources, env)
  return index === 0 ? configuration : { ...configuration, listeners: withoutSockets(configuration.listeners) }
}

const withoutSockets = (listeners: Configuration['listeners']): Configuration['listeners'] =>
  Object.fromEntries(
    Object.entries(listeners).map(([name, listener]) => [
      name,
      listener.socket === undefined ? listener : { ...listener, enabled: false },
    ]),
  ) as Configuration['listeners']
