/** Topics by their levels. A level that has one child and no value of its own is joined with it. */
import type { Topic } from '@hawser/admin'

export interface TopicNode {
  readonly name: string
  readonly path: string
  readonly topic: Topic | undefined
  readonly children: readonly TopicNode[]
}

interface Growing {
  topic: Topic | undefined
  readonly children: Map<string, Growing>
}

export function topicTree(topics: readonly Topic[]): readonly TopicNode[] {
  const root: Growing = { topic: undefined, children: new Map() }
  for (const topic of topics) {
    let node = root
    for (const level of topic.topic.split('/')) {
      const next = node.children.get(level) ?? { topic: undefined, children: new Map() }
      node.children.set(level, next)
      node = next
    }
    node.topic = topic
  }
  return nodesOf(root, '')
}

function nodesOf({ children }: Growing, prefix: string): readonly TopicNode[] {
  return [...children].map(([level, growing]) => joined(level, `${prefix}${level}`, growing))
}

function joined(name: string, path: string, growing: Growing): TopicNode {
  const [only, ...others] = growing.children
  if (growing.topic === undefined && only !== undefined && others.length === 0) {
    return joined(`${name}/${only[0]}`, `${path}/${only[0]}`, only[1])
  }
  return { name, path, topic: growing.topic, children: nodesOf(growing, `${path}/`) }
}
