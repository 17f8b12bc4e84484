/** How costs grow: `node bench/growth/main.ts [NAME …] [--most N]`; README.md beside it has the figures. */
import { parseArgs } from 'node:util'
import { describeMachine } from '../machine/machine.ts'
import { connections } from './connections.ts'
import { gracefulStop, largeLog } from './ends.ts'
import { retained } from './retained.ts'
import { sessions } from './sessions.ts'
import { subscriptions } from './subscriptions.ts'
import { changingSubscriptions, newTopics } from './topics.ts'

/** `most` is the largest count, by default the one in parentheses. */
const curves: Readonly<Record<string, (most: number | undefined) => Promise<void>>> = {
  subscriptions: (most = 1_000_000) => subscriptions(most),
  retained: (most = 1_000_000) => retained(most),
  sessions: (most = 1_000_000) => sessions(most),
  'new-topics': (most = 200_000) => newTopics(most),
  'changing-subscriptions': (most = 100) => changingSubscriptions(most),
  'large-log': (most = 10_000_000_000) => largeLog(most),
  connections: (most = 150_000) => connections(most),
  'graceful-stop': (most = 10_000) => gracefulStop(most),
}

const { processor, cores, memoryGigabytes, node, loadAverage } = describeMachine()
const machine = `${processor}, ${cores} cores, ${memoryGigabytes} GB, Node ${node}, load ${loadAverage.toFixed(1)}`
const { values, positionals } = parseArgs({ options: { most: { type: 'string' } }, allowPositionals: true })
const names = positionals.length === 0 ? Object.keys(curves) : positionals
for (const name of names) {
  const curve = curves[name]
  if (curve === undefined) throw new Error(`no curve is called ${name}: ${Object.keys(curves).join(', ')}`)
  console.log(`\n${name} (${new Date().toISOString().slice(0, 10)}, ${machine})\n`)
  await curve(values.most === undefined ? undefined : Number(values.most))
}
