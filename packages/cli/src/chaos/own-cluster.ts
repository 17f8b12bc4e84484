/** A cluster that the run starts itself, and what of it can be broken. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HawserError, milliseconds } from '@hawser/std'
import {
  type ChaosNode,
  clockEnvironment,
  clockFault,
  diskFault,
  engineFaults,
  type Fault,
  freezeFault,
  killFault,
  type LaunchHawser,
  type Link,
  mountSmallDisk,
  NatsServers,
  type OwnClusterOptions,
  partitionFault,
  rollingFault,
  smallDiskMissing,
  startOwnCluster,
  workersMissing,
  workersOf,
} from '@hawser/verify/chaos'
import type { CommandIo } from '../command.ts'
import { missing } from './missing.ts'
import type { ChaosSettings } from './settings.ts'

const launcher = fileURLToPath(new URL('../../bin/hawser.mjs', import.meta.url))
const rollingPauseMs = milliseconds(500)
const natsServerCount = 3
/** Longer than the others wait until they take over. */
const frozenMs = milliseconds(10_000)
const frozenOnServersMs = milliseconds(20_000)

export interface BreakableCluster {
  readonly cluster: string
  readonly addresses: readonly URL[]
  readonly faults: readonly Fault[]
}

export async function ownCluster(
  settings: ChaosSettings,
  io: Pick<CommandIo, 'clock' | 'env' | 'signal'>,
  owned: AsyncDisposableStack,
): Promise<BreakableCluster> {
  const { clock, env, signal } = io
  const folder = await mkdtemp(join(tmpdir(), 'hawser-chaos-'))
  // Who has just been killed may still be making a file.
  owned.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }))
  const why = settings.workers === undefined ? undefined : workersMissing()
  if (why !== undefined) throw new HawserError('USAGE', `--workers: ${why}`)
  const disk = await smallDiskIn(folder, settings, owned)
  const engine = await engineFor(settings, folder, disk, io, owned)
  const { workers } = settings
  const count = workers === undefined ? settings.nodes : 1
  const clockFileOf = (index: number): string => join(folder, `clock-${index + 1}`)
  const options: OwnClusterOptions = {
    nodes: count,
    workers,
    folder: engine.urlOf === undefined ? disk.path : folder,
    engineOf: engine.urlOf,
    envOf: (index) => clockEnvironment(clockFileOf(index), env['NODE_OPTIONS']),
    launch: launcherOf(env),
    clock,
    signal,
  }
  const nodes = await startOwnCluster(options, owned)
  const [first] = nodes
  const victims = workers === undefined || first === undefined ? nodes : workersOf(first, workers, { clock, signal })
  return {
    cluster: `${workers === undefined ? `${count} nodes` : `${workers} workers`} on ${engine.words}`,
    addresses: nodes.map(({ url }) => url),
    faults: [
      killFault(victims),
      freezeFault(victims, engine.urlOf === undefined ? frozenMs : frozenOnServersMs),
      rollingFault(nodes, rollingPauseMs),
      clockFault(nodes, clockFileOf),
      ...engine.faultsOf(nodes),
    ],
  }
}

interface SmallDisk {
  readonly path: string
  /** Why it cannot be filled. */
  readonly missing: string | undefined
}

/** A folder like any other where no disk can be, or need be, mounted. */
async function smallDiskIn(folder: string, { faults }: ChaosSettings, owned: AsyncDisposableStack): Promise<SmallDisk> {
  const path = join(folder, 'disk')
  const why = smallDiskMissing()
  if (why !== undefined || faults?.includes('disk') === false) return { path, missing: why ?? 'not asked for' }
  try {
    await mountSmallDisk(path, owned)
    return { path, missing: undefined }
  } catch (error) {
    const said = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error)
    return { path, missing: `a small disk cannot be mounted: ${said}` }
  }
}

interface EngineForNodes {
  readonly words: string
  readonly urlOf: ((index: number) => string) | undefined
  readonly faultsOf: (nodes: readonly ChaosNode[]) => readonly Fault[]
}

export const serverFaultNames = ['partition', 'engine', 'engine-all', 'engine-freeze', 'engine-split'] as const

async function engineFor(
  { engine, natsServer, nodes }: ChaosSettings,
  folder: string,
  disk: SmallDisk,
  { clock, signal }: Pick<CommandIo, 'clock' | 'signal'>,
  owned: AsyncDisposableStack,
): Promise<EngineForNodes> {
  if (natsServer !== undefined) {
    const storeOf = (index: number) => (index === 0 && disk.missing === undefined ? disk.path : undefined)
    const options = { binary: natsServer, count: natsServerCount, folder, storeOf, clock, signal }
    const servers = owned.use(await NatsServers.start(options))
    const links: (readonly Link[])[] = []
    for (let index = 0; index < nodes; index++) links.push(await servers.linksOfNode())
    return {
      words: `${natsServerCount} NATS servers of its own`,
      urlOf: (index) => (links[index] ?? []).map(({ port }) => `nats://127.0.0.1:${port}`).join(','),
      faultsOf: (all) => [
        partitionFault(all, links),
        ...engineFaults(servers),
        diskFaultOf(disk, 'server nats-1', () => servers.restart(0)),
      ],
    }
  }
  if (engine !== undefined) {
    const why = 'the NATS servers are not started by this run: let it start them (--nats-server), or name commands'
    return { words: engine, urlOf: () => engine, faultsOf: () => notHere(why).concat(missing('disk', why)) }
  }
  const why = 'nodes on one data folder have no servers: give --nats-server'
  return {
    words: 'one data folder',
    urlOf: undefined,
    faultsOf: () => [diskFaultOf(disk, 'the data folder', () => Promise.resolve()), ...notHere(why)],
  }
}

const notHere = (why: string): Fault[] => serverFaultNames.map((name) => missing(name, why))

const diskFaultOf = (disk: SmallDisk, whose: string, recover: () => Promise<void>): Fault =>
  disk.missing === undefined ? diskFault(disk.path, whose, recover) : missing('disk', disk.missing)

/** Variables that configure a Hawser are for that of the user. */
function launcherOf(env: CommandIo['env']): LaunchHawser {
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('HAWSER_')))
  return (args, further = {}) =>
    spawn(process.execPath, [launcher, ...args], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...own, ...further },
    })
}
