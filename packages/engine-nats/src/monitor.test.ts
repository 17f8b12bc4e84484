import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemClock as clock } from '@hawser/std'
import { startNatsCluster } from '../../../test/servers/nats.ts'
import { weakSyncs } from './monitor.ts'
import { natsSkipReason } from './testing/servers.ts'

const nobody = 'http://127.0.0.1:1'

async function faultsWith(syncInterval: string): Promise<string[]> {
  await using servers = await startNatsCluster({ servers: 1, syncInterval })
  const urls = servers.servers.map(({ monitorUrl }) => monitorUrl)
  return (await weakSyncs({ urls, clock })).map(({ line }) => line)
}

describe('monitoring of NATS servers', { skip: natsSkipReason() }, () => {
  it('finds nothing where each acknowledgement is synced', async () => {
    assert.deepEqual(await faultsWith('always'), [])
  })

  it('tells of a server that syncs only now and then', async () => {
    const [fault, ...more] = await faultsWith('"2m"')
    assert.match(fault ?? '', /^the NATS server n0 syncs its disk every 120 s: .*sync_interval: always/)
    assert.deepEqual(more, [])
  })

  it('tells of one that does not answer', async () => {
    const [fault] = await weakSyncs({ urls: [nobody], clock })
    assert.equal(fault?.code, 'ENGINE_UNREACHABLE')
  })
})
