import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { partition } from '@hawser/engine'
import { systemClock as clock, systemRandom as random } from '@hawser/std'
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
