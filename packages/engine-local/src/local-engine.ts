/** Log and state of one data folder, under its lock: what a process that owns the folder, or is a member of it, opens. */
import { type Members, type MessageLog, partition, type RetentionLimits, type StateStore } from '@hawser/engine'
import type { Clock, Milliseconds, Random } from '@hawser/std'
import { busWithoutPeers, openLocalBus } from './bus/local-bus.ts'
import { bootId } from './lock/boot-id.ts'
import { type FolderShare, lockDataDirectory } from './lock/data-directory.ts'
import { type EndedProcess, endingProcesses } from './lock/end-process.ts'
import { laneOwners, takeLane } from './lock/lane-lock.ts'
import type { KillOutcome, ProcessIdentity } from './lock/process-identity.ts'
import { lanesOnDisk } from './log/foreign/survey.ts'
import { openLocalLog } from './log/local-log.ts'
import type { RecoveryNote } from './log/recovery.ts'
import { openLocalMembers, silentMsMaxByDefault } from './members/local-members.ts'
import { peerName } from './members/peer-name.ts'
import { endStoppedOwners } from './members/stopped-owners.ts'
import { watchStoppedOwners } from './members/stopped-owners-watch.ts'
import { openLocalState } from './state/local-state.ts'

export interface LocalEngineOptions {
  readonly folder: string
  readonly clock: Clock
  readonly random: Random
  /** By default alone. */
  readonly share?: FolderShare
  /** Of a member: the lane that it appends to; by default the lowest that is free. */
  readonly lane?: number
  /** Of a member: a peer of which nothing is heard for so long is ended. */
  readonly silentMsMax?: Milliseconds
  readonly retention?: RetentionLimits
  readonly onFault?: (error: Error) => void
  /** What a start after a crash found and mended. */
  readonly onRecovery?: (note: RecoveryNote) => void
  /** Of a member: another process showed no sign of life, and this one has ended it. */
  readonly onEnded?: (ended: EndedProcess) => void
  /** How that is done; by default by SIGKILL. */
  readonly kill?: (owner: ProcessIdentity) => KillOutcome
}

export interface LocalEngine extends AsyncDisposable {
  readonly log: MessageLog
  readonly state: StateStore
  /** Undefined where there is no other process, and none has left a lane. */
  readonly members: Members | undefined
  /** Of the log's files. */
  readonly path: string
  /** Of this host's boot; undefined where the platform does not tell it. */
  readonly bootId: string | undefined
}

export async function openLocalEngine(options: LocalEngineOptions): Promise<LocalEngine> {
  const { folder, clock, random, share = 'alone', silentMsMax = silentMsMaxByDefault, retention, onRecovery } = options
  const onFault = options.onFault ?? (() => undefined)
  await using stack = new AsyncDisposableStack()
  stack.use(await lockDataDirectory(folder, share))
  const { lane, lock } = takeLane(folder, share === 'alone' ? 0 : options.lane)
  stack.use(lock)
  const end = endingProcesses(options.onEnded ?? (() => undefined), options.kill)
  if (share === 'member') await endStoppedOwners({ folder, clock, patienceMs: silentMsMax, end })
  const state = stack.use(await openStateOf(options, silentMsMax, onFault))
  const path = `${folder}/log`
  let members: Members | undefined
  stack.defer(async () => members?.[Symbol.asyncDispose]())
  // It is closed before the others are left: they are told of its last commit.
  const log = stack.use(
    await openLocalLog({ folder: path, lane, clock, random, ...(retention && { retention }), onFault }),
  )
  for (const note of log.recovery) onRecovery?.(note)
  if (share === 'member' || lanesOnDisk(path).length > 1) {
    const self = peerName(partition(lane), process.pid)
    const bus = share === 'member' ? await openLocalBus({ folder, self, clock, random }) : busWithoutPeers(self)
    members = await openLocalMembers({ folder, log, bus, clock, onFault, silentMsMax, end })
  }
  const owned = stack.move()
  return { log, state, members, path, bootId: bootId(), [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** A member opens it in spite of others that are stopped in a write to it, also while it opens it. */
async function openStateOf(
  { folder, clock, share, onEnded, kill }: LocalEngineOptions,
  patienceMs: Milliseconds,
  onDamage: (error: Error) => void,
): Promise<StateStore> {
  const mayBeHeldUp =
    share === 'member' && kill === undefined && laneOwners(folder).some(({ pid }) => pid !== process.pid)
  await using _watch = mayBeHeldUp
    ? watchStoppedOwners({ folder, patienceMs }, onEnded ?? (() => undefined))
    : undefined
  return await openLocalState({ folder, clock, onDamage })
}
