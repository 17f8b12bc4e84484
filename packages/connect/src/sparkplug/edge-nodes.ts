/** All edge nodes that are known: in memory, and as rows of our own state that are written with the cursor. */
import type { StateChange, StateStore } from '@hawser/engine'
import { type Birth, type EdgeNode, unknownNode } from './edge-node.ts'

const table = 'sparkplug'

interface StoredSession {
  readonly is_online: boolean
  readonly bd_seq?: string
  readonly seq?: number
  readonly needs_rebirth: boolean
}

interface StoredBirth {
  readonly types: readonly (readonly [name: string, type: number])[]
  readonly aliases: readonly (readonly [alias: string, name: string])[]
}

export interface NodeName {
  readonly group: string
  readonly node: string
}

/** No name holds a slash: each was a level of a topic. */
const keyOf = ({ group, node }: NodeName): string => `${group}/${node}`

/** The changes that it answers are to be written before anything else is asked of it. */
export class EdgeNodes {
  readonly #connector: string
  readonly #nodes: Map<string, EdgeNode>
  readonly #changes = new Map<string, StateChange>()

  private constructor(connector: string, nodes: Map<string, EdgeNode>) {
    this.#connector = connector
    this.#nodes = nodes
  }

  static async open(state: StateStore, connector: string): Promise<EdgeNodes> {
    const nodes = new Map<string, EdgeNode>()
    const births = new Map<string, Map<string, Birth>>()
    for await (const { key, value } of state.scan(table, `${connector}/`)) {
      if (!key.startsWith(`${connector}/`)) break
      const [kind, group = '', node = '', device = ''] = key.slice(connector.length + 1).split('/')
      const name = keyOf({ group, node })
      if (kind === 'session') nodes.set(name, sessionIn(value))
      else births.set(name, (births.get(name) ?? new Map<string, Birth>()).set(device, birthIn(value)))
    }
    for (const [name, node] of nodes) nodes.set(name, { ...node, births: births.get(name) ?? new Map() })
    return new EdgeNodes(connector, nodes)
  }

  get size(): number {
    return this.#nodes.size
  }

  get(name: NodeName): EdgeNode | undefined {
    return this.#nodes.get(keyOf(name))
  }

  set(name: NodeName, next: EdgeNode): void {
    const key = keyOf(name)
    const before = this.#nodes.get(key) ?? unknownNode
    for (const device of new Set([...before.births.keys(), ...next.births.keys()])) {
      const birth = next.births.get(device)
      if (birth !== before.births.get(device)) this.#put(`birth/${key}/${device}`, birth && storedBirth(birth))
    }
    // Of one that is dead nothing has to be known: it will be born as another.
    const isForgotten = !next.isOnline && !next.needsRebirth
    this.#put(`session/${key}`, isForgotten ? undefined : storedSession(next))
    if (isForgotten) this.#nodes.delete(key)
    else this.#nodes.set(key, next)
  }

  /** Since the last call. */
  changes(): readonly StateChange[] {
    const changes = [...this.#changes.values()]
    this.#changes.clear()
    return changes
  }

  *needingRebirth(): Generator<NodeName> {
    for (const [key, { needsRebirth }] of this.#nodes) {
      const [group = '', node = ''] = key.split('/')
      if (needsRebirth) yield { group, node }
    }
  }

  #put(name: string, stored: StoredSession | StoredBirth | undefined): void {
    const key = `${this.#connector}/${name}`
    this.#changes.set(key, { table, key, value: stored === undefined ? null : Buffer.from(JSON.stringify(stored)) })
  }
}

const storedSession = ({ isOnline, bdSeq, seq, needsRebirth }: EdgeNode): StoredSession => ({
  is_online: isOnline,
  needs_rebirth: needsRebirth,
  ...(bdSeq === undefined ? {} : { bd_seq: bdSeq }),
  ...(seq === undefined ? {} : { seq }),
})

function sessionIn(value: Buffer): EdgeNode {
  const stored: StoredSession = JSON.parse(value.toString('utf8'))
  const { is_online: isOnline, needs_rebirth: needsRebirth, bd_seq: bdSeq, seq } = stored
  return { isOnline, needsRebirth, bdSeq, seq, births: new Map() }
}

const storedBirth = ({ types, aliases }: Birth): StoredBirth => ({ types: [...types], aliases: [...aliases] })

function birthIn(value: Buffer): Birth {
  const { types, aliases }: StoredBirth = JSON.parse(value.toString('utf8'))
  return { types: new Map(types), aliases: new Map(aliases) }
}
