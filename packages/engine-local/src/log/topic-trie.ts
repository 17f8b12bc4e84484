/** Topic names by level, so that a filter finds those it matches without looking at the others. Names are latin1. */

interface Node {
  children: Map<string, Node> | undefined
  /** Of the topic that ends here; undefined where none does. */
  hash: number | undefined
}

export class TopicTrie {
  readonly #root: Node = { children: undefined, hash: undefined }

  add(topic: string, hash: number): void {
    let node = this.#root
    for (const level of topic.split('/')) {
      node.children ??= new Map()
      let child = node.children.get(level)
      if (child === undefined) {
        child = { children: undefined, hash: undefined }
        node.children.set(level, child)
      }
      node = child
    }
    node.hash = hash
  }

  /** Adds the hashes of all topics that match `filter` to `into`. */
  match(filter: string, into: Set<number>): void {
    walk(this.#root, filter.split('/'), 0, into)
  }
}

function walk(node: Node, levels: readonly string[], depth: number, into: Set<number>): void {
  const level = levels[depth]
  if (level === undefined || level === '#') {
    if (node.hash !== undefined) into.add(node.hash)
    if (level === '#') collect(node, depth === 0, into)
    return
  }
  if (node.children === undefined) return
  if (level !== '+') {
    const child = node.children.get(level)
    if (child !== undefined) walk(child, levels, depth + 1, into)
    return
  }
  for (const [name, child] of node.children) if (!isHidden(name, depth)) walk(child, levels, depth + 1, into)
}

function collect(node: Node, isRoot: boolean, into: Set<number>): void {
  for (const [name, child] of node.children ?? []) {
    if (isRoot && isHidden(name, 0)) continue
    if (child.hash !== undefined) into.add(child.hash)
    collect(child, false, into)
  }
}

/** [MQTT-4.7.2-1] */
const isHidden = (level: string, depth: number): boolean => depth === 0 && level.startsWith('$')
