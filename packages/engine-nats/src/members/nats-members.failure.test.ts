import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { partition } from '@hawser/engine'
import { commitAll, publishRecord } from '@hawser/engine/contract'
import { systemClock as clock, milliseconds, systemRandom as random } from '@hawser/std'
import { jetstream } from '@nats-io/jetstream'
import { laneSubject } from '../log/nats-log.ts'
import { openNatsEngine } from '../nats-engine.ts'
import { natsSkipReason, serversUnderTest } from '../testing/servers.ts'

describe('a node that reads what it does not know', { skip: natsSkipReason() }, () => {
  const servers = serversUnderTest()

  it('is lost, and says so: it passes nothing over', async () => {
    const prefix = servers.newPrefix()
    const urls = servers.cluster.url.split(',')
    const open = () =>
      openNatsEngine({ servers: { urls }, prefix, replicas: 3, clock, random, onFault: () => undefined })
    await using one = await open()
    await using two = await open()
    const connection = await servers.connect()
    const ended = new Promise<void>((resolve) => two.lost.addEventListener('abort', () => resolve()))
    await jetstream(connection).publish(laneSubject(prefix, partition(0)), Buffer.from('of a version to come'))
    await ended
    assert.equal(two.lost.reason.code, 'LOG_FAILED')
    assert.equal(two.log.status.kind, 'failed')
    assert.equal(one.lost.aborted, false)
    await connection.close()
  })
})

describe('a lane that was taken over', { skip: natsSkipReason() }, () => {
  const servers = serversUnderTest()
  const body = 'x'.repeat(64 << 10)
  const messages = 256

  it('has nothing of others deleted until who took it has said what its sessions need', async () => {
    const retention = { bytes: 0, ms: 0 }
    const host = servers.newHost({ retention, settleMs: milliseconds(600_000) })
    await using one = await host.start()
    const two = await host.start()
    const orphaned = new Promise<void>((resolve) => one.members.onOrphans(resolve))
    await two[Symbol.asyncDispose]()
    await orphaned
    await using adoption = await one.members.adopt(two.log.own)
    assert.ok(adoption !== undefined)
    await adoption.done()
    assert.deepEqual(one.members.orphans(), [])
    for (let count = 0; count < messages; count += 16) {
      await commitAll(
        one.log,
        Array.from({ length: 16 }, () => publishRecord('a', body)),
      )
      const own = one.log.partitions().find((range) => range.partition === one.log.own)
      assert.ok(own !== undefined)
      one.log.setFloor(new Map([[one.log.own, own.end]]))
      assert.equal(own.start, 0)
    }
  })
})
