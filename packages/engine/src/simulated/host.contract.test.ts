import { asyncDisposable, seededRandom } from '@hawser/std'
import type { PeerId } from '../bus.ts'
import { busContract, membersContract, messageLogContract, stateStoreContract } from '../contract/mod.ts'
import type { MessageLog } from '../log.ts'
import type { StateStore } from '../state.ts'
import { createSimulatedHost, type SimulatedHost, type SimulatedMember } from './mod.ts'
import { SimulatedBuses } from './simulated-bus.ts'
import { Turns } from './turns.ts'

let hosts = 0

const membersHost = async (host: SimulatedHost) => {
  return {
    ...asyncDisposable(async () => undefined),
    start: async () => {
      const member = host.start()
      return { ...member, crash: async () => member.crash() }
    },
  }
}
interface Opened {
  readonly host: SimulatedHost
  readonly member: SimulatedMember
}
const opened = new WeakMap<object, Opened>()
function open<Part extends 'log' | 'state'>(part: Part, host: SimulatedHost): SimulatedMember[Part] {
  const member = host.start()
  opened.set(member[part], { host, member })
  return member[part]
}
/** A new process starts where the old one, of which a part is disposed already, has ended. */
async function reopened(closed: object): Promise<SimulatedHost> {
  const before = opened.get(closed)
  if (before === undefined) throw new Error('it was not opened here')
  await before.member[Symbol.asyncDispose]()
  return before.host
}

for (const [name, servers] of [
  ['simulated host', false],
  ['simulated hosts on servers', true],
] as const) {
  const newHost = (forgets = false): SimulatedHost =>
    createSimulatedHost({ random: seededRandom(++hosts), forgets, servers })

  membersContract({ name, open: () => membersHost(newHost()), openForgetful: () => membersHost(newHost(true)) })

  messageLogContract({
    name,
    open: async () => open('log', newHost()),
    openForgetful: async () => open('log', newHost(true)),
    reopen: async (closed: MessageLog) => open('log', await reopened(closed)),
  })

  stateStoreContract({
    name,
    open: async () => open('state', newHost()),
    reopen: async (closed: StateStore) => open('state', await reopened(closed)),
  })
}

busContract({
  name: 'simulated host',
  open: async () => {
    const buses = new SimulatedBuses()
    return {
      ...asyncDisposable(async () => {}),
      join: async (self: PeerId) => buses.join(self, new Turns(self, (_turn, run) => setImmediate(run))),
    }
  },
})
