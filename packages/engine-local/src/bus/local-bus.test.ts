import type { PeerId } from '@hawser/engine'
import { busContract } from '@hawser/engine/contract'
import { temporaryFolder } from '@hawser/std/testing'
import { openLocalBus } from './local-bus.ts'

busContract({
  name: 'local',
  open: async () => {
    const folder = await temporaryFolder()
    return {
      join: (self: PeerId) => openLocalBus({ folder: folder.path, self }),
      [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
    }
  },
})
