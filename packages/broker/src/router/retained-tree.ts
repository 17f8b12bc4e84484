/** Topics of retained messages, a node a level. */
import type { KeptMessage } from './retained-slabs.ts'

/** Nothing is set aside for the children of a leaf: most nodes are leaves. */
export class RetainedNode {
  children: Map<string, RetainedNode> | undefined
  message: KeptMessage | undefined
  /** No node below is further down than so many levels. */
  height = 0
}

export function childOf(node: RetainedNode, level: string): RetainedNode {
  node.children ??= new Map()
  let child = node.children.get(level)
  if (child === undefined) {
    child = new RetainedNode()
    node.children.set(level, child)
  }
  return child
}

export function removeFrom(node: RetainedNode, levels: readonly string[], depth: number): void {
  const level = levels[depth]
  if (level === undefined) {
    node.message = undefined
    return
  }
  const child = node.children?.get(level)
  if (child === undefined) return
  removeFrom(child, levels, depth + 1)
  if (child.children !== undefined || child.message !== undefined) return
  node.children?.delete(level)
  if (node.children?.size === 0) node.children = undefined
}
