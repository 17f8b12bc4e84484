import { describe } from 'node:test'
import type { StateStore } from '@hawser/engine'
import { stateStoreContract } from '@hawser/engine/contract'
import { natsSkipReason, serversUnderTest } from '../testing/servers.ts'

describe('NATS', { skip: natsSkipReason() }, () => {
  const servers = serversUnderTest()
  const prefixes = new WeakMap<StateStore, string>()

  const open = async (prefix = servers.newPrefix()): Promise<StateStore> => {
    const state = await servers.openState(prefix)
    prefixes.set(state, prefix)
    return state
  }
  stateStoreContract({ name: 'NATS', open: () => open(), reopen: (closed) => open(prefixes.get(closed)) })
})
