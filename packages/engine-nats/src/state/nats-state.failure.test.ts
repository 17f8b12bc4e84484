import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { StateStore } from '@hawser/engine'
import { natsSkipReason, serversUnderTest } from '../testing/servers.ts'
import type { NatsState } from './nats-state.ts'

const put = (key: string, value: string, expected?: number) => ({
  table: 't',
  key,
  value: Buffer.from(value),
  ...(expected === undefined ? {} : { expected }),
})

async function rowsOf(state: StateStore): Promise<readonly string[]> {
  const rows: string[] = []
  for await (const { key, value, revision } of state.scan('t')) rows.push(`${key} ${value} ${revision}`)
  return rows
}

/** Adds one to a row as often as told, as one of several that do so; answers how often it met another. */
async function count(state: NatsState, times: number): Promise<number> {
  let met = 0
  for (let done = 0; done < times; ) {
    const row = await state.get('t', 'count')
    const next = String(Number(row?.value.toString() ?? 0) + 1)
    if ((await state.write([put('count', next, row?.revision ?? 0)])) === 'applied') done++
    else met++
  }
  return met
}

describe('NATS state: failures', { skip: natsSkipReason() }, () => {
  const servers = serversUnderTest()

  it('what several nodes write meets on all of them, and no addition is lost', async () => {
    const prefix = servers.newPrefix()
    await using one = await servers.openState(prefix)
    await using two = await servers.openState(prefix)
    await using three = await servers.openState(prefix)
    const met = await Promise.all([one, two, three].map((state) => count(state, 40)))
    assert.ok(met.some((times) => times > 0))
    for (const state of [one, two, three]) assert.equal((await state.get('t', 'count'))?.value.toString(), '120')
    assert.deepEqual(await rowsOf(one), await rowsOf(two))
  })

  it('the leader of the state is killed while two nodes write: each write is applied once', async () => {
    const prefix = servers.newPrefix()
    await using one = await servers.openState(prefix)
    await using two = await servers.openState(prefix)
    await count(one, 1)
    const leader = await servers.leaderOf(`${prefix}_state`)
    const counting = Promise.all([one, two].map((state) => count(state, 100)))
    await leader.kill()
    await counting
    assert.equal((await one.get('t', 'count'))?.value.toString(), '201')
    await leader.start()
    assert.equal((await two.get('t', 'count'))?.value.toString(), '201')
  })

  it('the stream of changes is cut short by snapshots, and who starts from one has all rows', async () => {
    const prefix = servers.newPrefix()
    const small = { snapshotBytesMin: 4096 }
    await using one = await servers.openState(prefix, small)
    await using two = await servers.openState(prefix, small)
    for (let round = 0; round < 60; round++) {
      const state = round % 2 === 0 ? one : two
      const changes = Array.from({ length: 20 }, (_, index) =>
        put(`${(round * 7 + index) % 100}`, `${round}`.repeat(40)),
      )
      assert.equal(await state.write(changes), 'applied')
      if (round % 5 === 0) await state.write([{ table: 't', key: `${round}`, value: null }])
    }
    assert.ok((await servers.firstOf(`${prefix}_state`)) > 1, 'the oldest changes must make way')
    const expected = await rowsOf(one)
    assert.ok(expected.length > 50)
    await using late = await servers.openState(prefix, small)
    assert.deepEqual(await rowsOf(late), expected)
    const row = await late.get('t', '7')
    assert.equal(await late.write([put('7', 'late', row?.revision)]), 'applied')
    assert.deepEqual(await rowsOf(two), await rowsOf(late))
  })

  it('all servers are away: what is written waits, and is applied when they come back', async () => {
    const prefix = servers.newPrefix()
    await using state = await servers.openState(prefix)
    await Promise.all(servers.cluster.servers.map((server) => server.kill()))
    const writing = state.write([put('a', 'one', 0)])
    await Promise.all(servers.cluster.servers.map((server) => server.start()))
    assert.equal(await writing, 'applied')
    assert.equal((await state.get('t', 'a'))?.value.toString(), 'one')
  })
})
