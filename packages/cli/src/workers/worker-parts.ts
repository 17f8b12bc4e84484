/** The processes that serve clients beside each other: what each is told, and how they are supervised. */
import { HawserError } from '@hawser/std'
import type { WorkerTask } from '../composition/worker-process.ts'
import { type Configuration, workersMax } from '../config/configuration.ts'
import { enabledListeners } from '../config/listeners.ts'
import { type Overlay, overlay } from '../config/load.ts'
import type { ServerSources } from '../shared-flags.ts'
import type { PartSpec } from '../supervise/supervised-part.ts'
import { claimPorts } from './claim-ports.ts'

/** From the number `first` on, as many as the configuration says there are in all. */
export function workerParts(task: Omit<WorkerTask, 'index'>, first: number): readonly PartSpec[] {
  const { workers } = task.configuration
  return Array.from({ length: workers - first }, (_, offset): PartSpec => {
    const index = first + offset
    return {
      name: `worker-${index}`,
      module: new URL('../composition/worker-process.ts', import.meta.url),
      task: { ...task, index } satisfies WorkerTask,
      tier: 0,
      watched: true,
    }
  })
}

/** The sources with every port known: one that the system chose is the same for all, and stays through a reload. */
export async function withClaimedPorts(
  configuration: Configuration,
  sources: ServerSources,
  served: { readonly http: boolean },
): Promise<ServerSources> {
  const doors = enabledListeners(configuration.listeners).filter(([, { socket }]) => socket === undefined)
  const http = served.http ? [configuration.http] : []
  const ports = await claimPorts([...doors.map(([, listener]) => listener), ...http])
  const listeners = Object.fromEntries(doors.map(([name], index) => [name, { port: ports[index] }]))
  const chosen = { listeners, ...(served.http && { http: { port: ports.at(-1) } }) }
  return { ...sources, flags: overlay(sources.flags, chosen) as Overlay }
}

/** What workers share is the log on disk. */
export function refuseApart({ log, workers }: Pick<Configuration, 'log' | 'workers'>): void {
  if (workers > workersMax) {
    throw new HawserError('USAGE', `${workers} workers are more than there may be`, { mend: `${workersMax} at most` })
  }
  if (log.memoryFilters.length > 0) {
    throw new HawserError('CONFIG_INVALID', 'several processes share no log in memory, and memory_filters are set', {
      mend: 'take log.memory_filters out, or run one process alone',
    })
  }
  if (log.durability === 'disk') return
  throw new HawserError('CONFIG_INVALID', 'several processes share a log on disk, and durability is memory', {
    mend: 'set durability to disk, or run one process alone',
  })
}
