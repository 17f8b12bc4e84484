/** Faults of the NATS servers that a run has started itself, and of the ways to them. */
import { milliseconds } from '@hawser/std'
import type { ChaosNode } from '../cluster/chaos-node.ts'
import { guard } from '../cluster/guard.ts'
import type { Link } from '../cluster/link.ts'
import type { NatsServers } from '../cluster/nats-servers.ts'
import type { Fault, FaultContext } from './fault.ts'

const startAgain = (servers: NatsServers, index: number, { undo, signal }: FaultContext): void =>
  undo.defer(async () => {
    if (!signal.aborted) await servers.start(index)
  })

/** Behind a round all are current again: the next one breaks another. */
const healthyAgain = (servers: NatsServers, { undo, signal }: FaultContext): void =>
  undo.defer(async () => {
    if (!signal.aborted) await servers.healthy()
  })

export function engineFaults(servers: NatsServers): readonly Fault[] {
  const all = Array.from({ length: servers.count }, (_, index) => index)
  return [
    {
      name: 'engine',
      holdMs: milliseconds(3_000),
      async inject(context) {
        // The one that leads, every other time.
        const leader = context.random.integer(2) === 0 ? await servers.leader() : undefined
        const index = leader ?? context.random.integer(servers.count)
        healthyAgain(servers, context)
        startAgain(servers, index, context)
        await servers.kill(index)
        return `server nats-${index + 1}${leader === undefined ? '' : ', which leads JetStream,'} killed (SIGKILL)`
      },
    },
    {
      name: 'engine-all',
      holdMs: milliseconds(2_000),
      async inject(context) {
        healthyAgain(servers, context)
        for (const index of all) startAgain(servers, index, context)
        await Promise.all(all.map((index) => servers.kill(index)))
        return `all ${servers.count} servers killed at once (SIGKILL)`
      },
    },
    {
      name: 'engine-freeze',
      holdMs: milliseconds(8_000),
      async inject(context) {
        const index = context.random.integer(servers.count)
        const pid = servers.pid(index)
        healthyAgain(servers, context)
        context.undo.defer(async () => servers.signal(index, 'SIGCONT'))
        if (pid !== undefined) context.undo.use(guard(pid, 'CONT'))
        servers.signal(index, 'SIGSTOP')
        return `server nats-${index + 1} frozen (SIGSTOP)`
      },
    },
    {
      name: 'engine-split',
      holdMs: milliseconds(8_000),
      async inject(context) {
        const index = context.random.integer(servers.count)
        const links = servers.routesOf(index)
        healthyAgain(servers, context)
        cut(links, context)
        return `server nats-${index + 1} cut off from the other servers, nodes reach all`
      },
    },
  ]
}

/** One node reaches no server. */
export const partitionFault = (nodes: readonly ChaosNode[], linksOf: readonly (readonly Link[])[]): Fault => ({
  name: 'partition',
  // Longer than the others wait for a silent node: it is taken over, and finds itself fenced.
  holdMs: milliseconds(20_000),
  async inject(context) {
    const index = context.random.integer(nodes.length)
    const node = nodes[index]
    context.undo.defer(async () => {
      if (!context.signal.aborted) await node?.isUp()
    })
    cut(linksOf[index] ?? [], context)
    return `${node?.name} cut off from the servers`
  },
})

function cut(links: readonly Link[], { undo }: FaultContext): void {
  undo.defer(async () => {
    for (const link of links) link.mend()
  })
  for (const link of links) link.cut()
}
