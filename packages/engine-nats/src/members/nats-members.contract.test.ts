import { describe } from 'node:test'
import { membersContract } from '@hawser/engine/contract'
import { natsSkipReason, serversUnderTest } from '../testing/servers.ts'

describe('NATS', { skip: natsSkipReason() }, () => {
  const servers = serversUnderTest()
  membersContract({
    name: 'NATS',
    open: async () => servers.newHost(),
    openForgetful: async () => servers.newHost({ retention: { bytes: 0, ms: 0 } }),
  })
})
