/** What is broken, and how it is reached: a cluster of the run's own, or one that runs. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { milliseconds } from '@hawser/std'
import {
  commandFault,
  type Fault,
  freezeFault,
  killFault,
  type LaunchHawser,
  type Reach,
  rollingFault,
  slowFault,
  startOwnCluster,
  stormFault,
} from '@hawser/verify/chaos'
import type { CommandIo } from '../command.ts'
import { chosenFaults } from './chosen-faults.ts'
import { faultsOfFile } from './faults-file.ts'
import type { ChaosSettings } from './settings.ts'

const launcher = fileURLToPath(new URL('../../bin/hawser.mjs', import.meta.url))
const slowMs = milliseconds(3_000)
const rollingPauseMs = milliseconds(500)

export interface ChaosSurroundings {
  /** In words, for the report. */
  readonly cluster: string
  readonly reach: Reach
  readonly faults: readonly Fault[]
}

export async function surroundingsOf(
  settings: ChaosSettings,
  prefix: string,
  io: Pick<CommandIo, 'clock' | 'env' | 'signal'>,
  owned: AsyncDisposableStack,
): Promise<ChaosSurroundings> {
  const named = settings.faultsFile === undefined ? [] : (await faultsOfFile(settings.faultsFile)).map(commandFault)
  const { cluster, addresses, faults } =
    settings.target === undefined ? await ownCluster(settings, io, owned) : userCluster(settings.target)
  const [first] = addresses
  const reach: Reach = {
    addresses,
    username: first?.username ? decodeURIComponent(first.username) : undefined,
    password: first?.password ? decodeURIComponent(first.password) : undefined,
    patienceSeconds: settings.patienceSeconds,
  }
  const ofClients = [
    stormFault({ reach, prefix, count: settings.clients }, owned),
    slowFault({ reach, prefix }, slowMs),
  ]
  return { cluster, reach, faults: chosenFaults([...named, ...faults, ...ofClients], settings.faults) }
}

interface Cluster {
  readonly cluster: string
  readonly addresses: readonly URL[]
  readonly faults: readonly Fault[]
}

async function ownCluster(
  settings: ChaosSettings,
  { clock, env, signal }: Pick<CommandIo, 'clock' | 'env' | 'signal'>,
  owned: AsyncDisposableStack,
): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'hawser-chaos-'))
  owned.defer(() => rm(folder, { recursive: true, force: true }))
  const { nodes: count, engine } = settings
  const engineOf = engine === undefined ? undefined : () => engine
  const nodes = await startOwnCluster({ nodes: count, folder, engineOf, launch: launcherOf(env), clock, signal }, owned)
  return {
    cluster: engine === undefined ? `${count} nodes on one data folder` : `${count} nodes on ${engine}`,
    addresses: nodes.map(({ url }) => url),
    faults: [killFault(nodes), freezeFault(nodes), rollingFault(nodes, rollingPauseMs)],
  }
}

const notOurs = ['kill', 'freeze', 'rolling'] as const

const userCluster = (target: readonly URL[]): Cluster => ({
  cluster: 'a running cluster',
  addresses: target,
  faults: notOurs.map((name) => ({
    name,
    holdMs: milliseconds(0),
    missing: 'the nodes are not started by this run: name commands for it in --faults-file',
    inject: () => Promise.reject(new Error(`${name} is not here`)),
  })),
})

/** Variables that configure a Hawser are for that of the user. */
function launcherOf(env: CommandIo['env']): LaunchHawser {
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('HAWSER_')))
  return (args, further = {}) =>
    spawn(process.execPath, [launcher, ...args], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...own, ...further },
    })
}
