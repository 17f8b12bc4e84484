/** Nodes as people read them, and what has changed among them. */
import type { Broker, Listener } from '@hawser/admin'
import { at } from '../up/screen.ts'

export interface NodeChange {
  readonly node: string
  readonly what: string
}

const address = ({ kind, host, port, socketPath }: Listener): string =>
  socketPath === null ? `${kind}://${at({ host, port })}` : `${kind}+unix:${socketPath}`

export function nodeRow(node: Broker): readonly [string, string] {
  const { id, version, state, startedAtMs, connections, sessions, listeners } = node
  const since = new Date(startedAtMs).toISOString()
  const load = `${connections.now} connections, ${sessions.durable} durable sessions`
  return [id, `${state} since ${since}, version ${version}, ${load}, ${listeners.map(address).join(' ')}`]
}

export function changesOf(before: readonly Broker[], now: readonly Broker[]): NodeChange[] {
  const lives = (nodes: readonly Broker[]) => new Map(nodes.map((node) => [`${node.id} ${node.startedAtMs}`, node]))
  const [old, young] = [lives(before), lives(now)]
  const gone = [...old].filter(([life]) => !young.has(life)).map(([, { id }]) => ({ node: id, what: 'is gone' }))
  const came = [...young].flatMap(([life, node]) => {
    const known = old.get(life)
    if (known === undefined) return [{ node: node.id, what: `is there: ${nodeRow(node)[1]}` }]
    return known.state === node.state ? [] : [{ node: node.id, what: `is ${node.state}` }]
  })
  return [...gone, ...came]
}
