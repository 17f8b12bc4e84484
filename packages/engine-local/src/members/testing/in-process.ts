/**
 * Members of one data folder in this process, composed as the engine does it, so that one of them can crash: its locks
 * and its bus are gone at once, and its log is left as it lies.
 */
import { partition } from '@hawser/engine'
import type { MembersHost, MemberUnderTest } from '@hawser/engine/contract'
import { seededRandom, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { openLocalBus } from '../../bus/local-bus.ts'
import { lockDataDirectory } from '../../lock/data-directory.ts'
import { takeLane } from '../../lock/lane-lock.ts'
import { killProcess } from '../../lock/process-identity.ts'
import { type LocalLog, type LocalLogOptions, openLocalLog } from '../../log/local-log.ts'
import { openLocalState } from '../../state/local-state.ts'
import { openLocalMembers } from '../local-members.ts'
import { peerName } from '../peer-name.ts'

const clock = systemClock
const random = seededRandom(3)

export async function membersInProcess(options: Partial<LocalLogOptions> = {}): Promise<MembersHost> {
  const temporary = await temporaryFolder()
  const folder = temporary.path
  const crashed: LocalLog[] = []
  return {
    start: () => start(folder, options, crashed),
    async [Symbol.asyncDispose]() {
      for (const log of crashed) await log[Symbol.asyncDispose]()
      await temporary[Symbol.asyncDispose]()
    },
  }
}

async function start(folder: string, options: Partial<LocalLogOptions>, crashed: LocalLog[]): Promise<MemberUnderTest> {
  const stack = new AsyncDisposableStack()
  stack.use(await lockDataDirectory(folder, 'member'))
  const { lane, lock } = takeLane(folder, undefined)
  stack.use(lock)
  const state = stack.use(await openLocalState({ folder, clock }))
  const log = await openLocalLog({ folder: `${folder}/log`, lane, clock, random, ...options })
  const bus = await openLocalBus({ folder, self: peerName(partition(lane), process.pid), clock, random })
  const onFault = (error: Error): void => {
    throw error
  }
  const members = stack.use(await openLocalMembers({ folder, log, bus, clock, onFault, end: killProcess }))
  let hasCrashed = false
  return {
    log,
    state,
    members,
    async crash() {
      hasCrashed = true
      crashed.push(log)
      await nothingPending(log)
      await stack.disposeAsync()
    },
    async [Symbol.asyncDispose]() {
      if (hasCrashed) return
      await log[Symbol.asyncDispose]()
      await stack.disposeAsync()
    },
  }
}

function nothingPending(log: LocalLog): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      // A batch is given back once its listeners have been called.
      if (log.pendingBytes === 0) resolve()
      else setImmediate(look)
    }
    look()
  })
}
