/**
 * Wildcard filters by their levels, so that a topic is held against all of them at once: hundreds of filters cost what
 * their common levels cost, not each its own walk. Matches as section 4.7 of both specifications says.
 */
class Node<Value> {
  children: Map<string, Node<Value>> | undefined
  /** Of filters that end here. */
  values: Value[] | undefined
  /** Of filters that go on with `#` from here. */
  below: Value[] | undefined
}

export class FilterTrie<Value> {
  readonly #root = new Node<Value>()

  add(filter: string, value: Value): void {
    let node = this.#root
    for (const level of filter.split('/')) {
      if (level === '#') {
        node.below ??= []
        node.below.push(value)
        return
      }
      node.children ??= new Map()
      const next = node.children.get(level) ?? new Node<Value>()
      node.children.set(level, next)
      node = next
    }
    node.values ??= []
    node.values.push(value)
  }

  match(topic: string): Value[] {
    const found: Value[] = []
    // [MQTT-4.7.2-1] v3.1.1 [MQTT-4.7.2-1]
    collect(this.#root, topic.split('/'), 0, topic.startsWith('$'), found)
    return found
  }
}

function collect<Value>(
  node: Node<Value>,
  levels: readonly string[],
  depth: number,
  hidden: boolean,
  found: Value[],
): void {
  if (node.below !== undefined && !hidden) found.push(...node.below)
  const level = levels[depth]
  if (level === undefined) {
    if (node.values !== undefined) found.push(...node.values)
    return
  }
  const same = node.children?.get(level)
  if (same !== undefined) collect(same, levels, depth + 1, false, found)
  // A topic has no level called `+`, so this is never the same node.
  const any = hidden ? undefined : node.children?.get('+')
  if (any !== undefined) collect(any, levels, depth + 1, false, found)
}
