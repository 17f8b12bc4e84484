/** Faults of the nodes that a run has started itself. */
import { type Milliseconds, milliseconds, type Random, sleep } from '@hawser/std'
import type { ChaosNode } from '../cluster/chaos-node.ts'
import { guard } from '../cluster/guard.ts'
import type { Victim } from '../cluster/victim.ts'
import type { Fault, FaultContext } from './fault.ts'

const any = (victims: readonly Victim[], random: Random): Victim => {
  const node = victims[random.integer(victims.length)]
  if (node === undefined) throw new RangeError('a run has at least one node')
  return node
}

/** What a run that ends takes with it is not started again. */
const startAgain = (node: Victim, { undo, signal }: FaultContext): void =>
  undo.defer(async () => {
    if (!signal.aborted) await node.start()
  })

export const killFault = (nodes: readonly Victim[]): Fault => ({
  name: 'kill',
  holdMs: milliseconds(500),
  async inject(context) {
    const node = any(nodes, context.random)
    startAgain(node, context)
    await node.kill()
    return `${node.name} killed (SIGKILL)`
  },
})

export const freezeFault = (nodes: readonly Victim[], holdMs: Milliseconds): Fault => ({
  name: 'freeze',
  holdMs,
  async inject({ random, undo }) {
    const node = any(nodes, random)
    const { pid } = node
    undo.defer(async () => {
      node.signal('SIGCONT')
      // One that was taken over ends when it goes on, and is started again.
      await node.isUp()
    })
    if (pid !== undefined) undo.use(guard(pid, 'CONT'))
    node.signal('SIGSTOP')
    return `${node.name} frozen (SIGSTOP)`
  },
})

/** Each node is stopped in order and started again, one behind the other. */
export const rollingFault = (nodes: readonly ChaosNode[], pauseMs: Milliseconds): Fault => ({
  name: 'rolling',
  holdMs: milliseconds(0),
  async inject({ clock, signal }) {
    for (const node of nodes) {
      await node.stop()
      if (!signal.aborted) await node.start()
      await sleep(clock, pauseMs, signal)
    }
    return `each of ${nodes.length} nodes stopped in order and started again`
  },
})
