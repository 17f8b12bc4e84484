import { asyncDisposable } from '@hawser/std'
import type { PeerId } from '../bus.ts'
import { busContract } from '../contract/mod.ts'
import { createMemoryBusHub } from './memory-bus.ts'

busContract({
  name: 'memory',
  open: async () => {
    const hub = createMemoryBusHub()
    return { ...asyncDisposable(async () => {}), join: async (self: PeerId) => hub.join(self) }
  },
})
