/** What is broken, and how it is reached: a cluster of the run's own, or one that runs. */
import { milliseconds } from '@hawser/std'
import { checkReachable, commandFault, type Fault, type Reach, slowFault, stormFault } from '@hawser/verify/chaos'
import type { CommandIo } from '../command.ts'
import { chosenFaults } from './chosen-faults.ts'
import { faultsOfFile } from './faults-file.ts'
import { missing } from './missing.ts'
import { type BreakableCluster, ownCluster, serverFaultNames } from './own-cluster.ts'
import type { ChaosSettings } from './settings.ts'

const slowMs = milliseconds(3_000)

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
    settings.target === undefined ? await ownCluster(settings, io, owned) : await userCluster(settings.target, io)
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

const notOurs = ['kill', 'freeze', 'rolling', 'clock', 'disk', ...serverFaultNames]

async function userCluster(
  target: readonly URL[],
  { clock, signal }: Pick<CommandIo, 'clock' | 'signal'>,
): Promise<BreakableCluster> {
  await checkReachable(target, clock, signal)
  const why = 'it is a cluster that runs: name commands for it in --faults-file'
  return { cluster: 'a running cluster', addresses: target, faults: notOurs.map((name) => missing(name, why)) }
}
