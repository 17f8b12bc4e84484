import { describe } from 'node:test'
import type { MessageLog } from '@hawser/engine'
import { messageLogContract } from '@hawser/engine/contract'
import { natsSkipReason, serversUnderTest } from '../testing/servers.ts'

describe('NATS', { skip: natsSkipReason() }, () => {
  const servers = serversUnderTest()
  const prefixes = new WeakMap<MessageLog, string>()

  const open = async (prefix = servers.newPrefix(), retention?: { bytes: number; ms: number }): Promise<MessageLog> => {
    const log = await servers.openLog(prefix, retention && { retention })
    prefixes.set(log, prefix)
    return log
  }
  messageLogContract({
    name: 'NATS',
    open: () => open(),
    openForgetful: () => open(undefined, { bytes: 0, ms: 0 }),
    reopen: (closed) => open(prefixes.get(closed)),
  })
})
