import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type LogStatus, type MessageLog, reserveRefused } from '@hawser/engine'
import { append, commitAll, committed, publishRecord, readOwn } from '@hawser/engine/contract'
import { milliseconds } from '@hawser/std'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { natsSkipReason, serversUnderTest } from '../testing/servers.ts'
import { laneStream } from './nats-log.ts'

const storeBytesMax = 48 << 20
const ballastBytes = 32 << 20
const partBytes = 512 << 10
const body = 'x'.repeat(64 << 10)

const numbered = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => publishRecord('n', `${from + index}`))
const bodiesOf = async (log: MessageLog): Promise<string[]> => (await readOwn(log)).map(({ body }) => body)

/** Resolves with the status as soon as it is of that kind. */
function status<Kind extends LogStatus['kind']>(log: MessageLog, kind: Kind): Promise<LogStatus & { kind: Kind }> {
  return new Promise((resolve) => {
    const look = (now: LogStatus): void => {
      if (now.kind === kind) resolve(now as LogStatus & { kind: Kind })
    }
    log.onStatus(look)
    look(log.status)
  })
}

describe('NATS log: failures', { skip: natsSkipReason() }, () => {
  const servers = serversUnderTest({ storeBytesMax })

  it('the leader of the lane is killed again and again: all that was appended is there, once and in order', async () => {
    const prefix = servers.newPrefix()
    await using log = await servers.openLog(prefix)
    const stream = laneStream(prefix, log.own)
    let next = 0
    for (let round = 0; round < 2; round++) {
      await commitAll(log, numbered(next, 100))
      const leader = await servers.leaderOf(stream)
      const killed = leader.kill()
      for (const record of numbered(next + 100, 100)) append(log, record)
      await killed
      await committed(log)
      next += 200
      await leader.start()
    }
    const expected = Array.from({ length: next }, (_, index) => `${index}`)
    assert.deepEqual(await bodiesOf(log), expected)
  })

  it('whoever takes the lane over ends its owner, and reads all that it was told is safe', async () => {
    const prefix = servers.newPrefix()
    await using log = await servers.openLog(prefix)
    await commitAll(log, numbered(0, 10))
    await using heir = await servers.openLog(prefix)
    const told: number[] = []
    log.onCommit(({ firstTicket }) => told.push(firstTicket))
    append(log, publishRecord('n', 'too late'))
    const { error } = await status(log, 'failed')
    assert.equal(error.code, 'NODE_FENCED')
    assert.deepEqual(told, [])
    assert.equal(log.reserve(1, 0, 1, 1), reserveRefused)
    await commitAll(heir, numbered(10, 10))
    const expected = Array.from({ length: 20 }, (_, index) => `${index}`)
    assert.deepEqual(await bodiesOf(heir), expected)
  })

  it('storage is full: appends are refused, reads go on, and it opens again when there is room', async () => {
    const prefix = servers.newPrefix()
    await using log = await servers.openLog(prefix)
    await commitAll(log, numbered(0, 10))
    const connection = await servers.connect()
    const manager = await jetstreamManager(connection)
    const ballast = { name: `${prefix}_ballast`, subjects: [`${prefix}.ballast`], num_replicas: 3 }
    await manager.streams.add(ballast)
    for (let bytes = 0; bytes < ballastBytes; bytes += partBytes) {
      await jetstream(connection).publish(`${prefix}.ballast`, Buffer.alloc(partBytes))
    }
    const full = status(log, 'full')
    let appended = 0
    while (log.status.kind === 'open') {
      if (log.congested) await Promise.race([committed(log), full])
      else if (append(log, publishRecord('n', body)) >= 0) appended++
    }
    const { error } = await full
    assert.deepEqual([error.code, error.retryable], ['DISK_FULL', true])
    assert.equal(log.reserve(1, 0, 1, 1), reserveRefused)
    assert.equal((await bodiesOf(log))[9], '9')
    await manager.streams.delete(ballast.name)
    await status(log, 'open')
    await commitAll(log, [publishRecord('n', 'goes on')])
    const stored = await bodiesOf(log)
    assert.equal(stored.length, 10 + appended + 1)
    assert.equal(stored.at(-1), 'goes on')
    await connection.close()
  })

  it('there is no quorum: whoever appends is told within its patience, and nothing that was taken is lost', async () => {
    const log = await servers.openLog(servers.newPrefix(), { patienceMs: milliseconds(1500) })
    await commitAll(log, numbered(0, 10))
    const [one, two] = servers.cluster.servers
    assert.ok(one !== undefined && two !== undefined)
    await Promise.all([one.kill(), two.kill()])
    append(log, publishRecord('n', 'waits'))
    const { error } = await status(log, 'full')
    assert.deepEqual([error.code, error.retryable], ['ENGINE_UNREACHABLE', true])
    await Promise.all([one.start(), two.start()])
    await status(log, 'open')
    const expected = [...Array.from({ length: 10 }, (_, index) => `${index}`), 'waits']
    assert.deepEqual(await bodiesOf(log), expected)
    await log[Symbol.asyncDispose]()
  })
})
