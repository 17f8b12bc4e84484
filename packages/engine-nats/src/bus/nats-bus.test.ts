import { describe } from 'node:test'
import type { PeerId } from '@hawser/engine'
import { busContract } from '@hawser/engine/contract'
import { systemClock as clock, systemRandom as random } from '@hawser/std'
import { natsSkipReason, serversUnderTest } from '../testing/servers.ts'
import { openNatsBus } from './nats-bus.ts'

describe('NATS', { skip: natsSkipReason() }, () => {
  const servers = serversUnderTest()

  busContract({
    name: 'NATS',
    open: async () => {
      const prefix = servers.newPrefix()
      const stack = new AsyncDisposableStack()
      return {
        async join(self: PeerId) {
          const connection = await servers.connect(self)
          stack.defer(() => connection.close())
          return openNatsBus({ connection, prefix, self, clock, random })
        },
        [Symbol.asyncDispose]: () => stack.disposeAsync(),
      }
    },
  })
})
