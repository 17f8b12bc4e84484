/** A walk over retained messages, depth first and without recursion: a step costs the same at any depth. */
import type { RetainedMessage } from './retained-message.ts'
import type { RetainedNode } from './retained-tree.ts'

export class RetainedSteps {
  readonly #levels: readonly string[]
  /** Of each level down to where the walk is, the nodes that are still to be visited. */
  readonly #path: Iterator<RetainedNode>[]

  constructor(root: RetainedNode, levels: readonly string[]) {
    this.#levels = levels
    this.#path = [below(root, levels, 0)]
  }

  get over(): boolean {
    return this.#path.length === 0
  }

  /** Undefined where the step comes upon nothing. */
  next(): RetainedMessage | undefined {
    const levels = this.#levels
    const path = this.#path
    const depth = path.length
    const step = path[depth - 1]?.next()
    if (step === undefined) return undefined
    if (step.done === true) {
      path.pop()
      return undefined
    }
    const node = step.value
    if (node.children !== undefined && mayMatchBelow(node, levels, depth)) path.push(below(node, levels, depth))
    return endsAt(levels, depth) ? node.message : undefined
  }
}

/** Children that a filter's level at this depth takes. */
function below({ children }: RetainedNode, levels: readonly string[], depth: number): Iterator<RetainedNode> {
  const level = levels[Math.min(depth, levels.length - 1)] ?? ''
  if (level !== '+' && level !== '#') {
    const child = children?.get(level)
    return (child === undefined ? [] : [child]).values()
  }
  return (children ?? new Map<string, RetainedNode>()).values()
}

const endsInHash = (levels: readonly string[]): boolean => levels.at(-1) === '#'

/** Whether a topic of so many levels, which the filter's levels take, is matched. `sport/#` matches `sport` too. */
const endsAt = (levels: readonly string[], depth: number): boolean =>
  depth === levels.length || (endsInHash(levels) && depth >= levels.length - 1)

function mayMatchBelow(node: RetainedNode, levels: readonly string[], depth: number): boolean {
  if (endsInHash(levels)) return depth + node.height >= levels.length - 1
  return depth < levels.length && depth + node.height >= levels.length
}
