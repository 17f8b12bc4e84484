/** Processes that have nothing in common but a bus. */
import type { Members, PeerId } from '@hawser/engine'
import type { MemoryBusHub } from '@hawser/engine/memory'

export const membersOf = (hub: MemoryBusHub, name: string): Members => {
  const bus = hub.join(name as PeerId)
  return {
    bus,
    partitionOf: () => undefined,
    orphans: () => [],
    unreachable: () => [],
    onOrphans: () => ({ [Symbol.dispose]: () => undefined }),
    adopt: () => Promise.resolve(undefined),
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  }
}
