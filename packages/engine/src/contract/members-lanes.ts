import assert from 'node:assert/strict'
import { appendBarrier, readBarrier } from '../barrier-record.ts'
import { position } from '../log.ts'
import { recordKind, recordKindAt } from '../record.ts'
import { endOf, Heard, type MembersUnderTest, type MemberUnderTest, when } from './members-under-test.ts'
import { append, collect, commitAll, committed, publishRecord, readOwn, span } from './records.ts'
import type { Case } from './under-test.ts'

const numbered = (from: number, count: number, topic = 'n') =>
  Array.from({ length: count }, (_, index) => publishRecord(topic, `${from + index}`))
const bodiesFrom = (from: number, count: number) => Array.from({ length: count }, (_, index) => `${from + index}`)
const barrierRounds = 50
const forgetBytesMax = 64 << 20

export function laneCases(underTest: MembersUnderTest, test: Case): void {
  test('each process appends to a lane of its own, the lowest that is free', async () => {
    await using host = await underTest.open()
    await using one = await host.start()
    await using two = await host.start()
    assert.deepEqual([one.log.own, two.log.own], [0, 1])
    assert.equal(one.log.id, two.log.id)
    await when(one, () => one.members.bus.peers().length === 1)
    assert.equal(one.members.partitionOf(two.members.bus.self), 1)
    assert.equal(two.members.partitionOf(one.members.bus.self), 0)
    assert.deepEqual([one.members.orphans(), two.members.orphans()], [[], []])
  })

  test('what one commits is handed over to all, in order, without tickets to the others', async () => {
    await using host = await underTest.open()
    await using one = await host.start()
    await using two = await host.start()
    const heard = [new Heard(one), new Heard(two)] as const
    for (let round = 0; round < 10; round++) {
      await Promise.all([commitAll(one.log, numbered(round * 20, 20)), commitAll(two.log, numbered(round * 20, 20))])
    }
    await when(one, () => heard[0].of(two.log.own).length === 200)
    await when(two, () => heard[1].of(one.log.own).length === 200)
    for (const { log } of [one, two]) {
      assert.deepEqual(heard[0].bodies(log.own), bodiesFrom(0, 200))
      assert.deepEqual(heard[0].of(log.own), heard[1].of(log.own))
    }
  })

  test('the end of a lane moves in the call that hands its records over', async () => {
    await using host = await underTest.open()
    await using one = await host.start()
    await using two = await host.start()
    const heard = new Heard(two)
    using _listening = two.log.onCommit((batch) => {
      assert.ok(endOf(two, batch.partition) > (batch.positions[batch.count - 1] ?? 0))
    })
    await commitAll(one.log, numbered(0, 5))
    await when(two, () => heard.of(one.log.own).length === 5)
    assert.equal(endOf(two, one.log.own), endOf(one, one.log.own))
  })

  test('a lane that is born later is handed over from its birth', async () => {
    await using host = await underTest.open()
    await using one = await host.start()
    const heard = new Heard(one)
    await using two = await host.start()
    await commitAll(two.log, numbered(0, 30))
    await when(one, () => heard.of(two.log.own).length === 30)
    assert.ok(one.log.partitions().some(({ partition }) => partition === two.log.own))
  })

  test('who opens the log later has all of it once: by reading up to the end that it is told, then by commits', async () => {
    await using host = await underTest.open()
    await using one = await host.start()
    await commitAll(one.log, numbered(0, 50))
    append(one.log, publishRecord('n', '50'))
    await using two = await host.start()
    const heard = new Heard(two)
    const end = endOf(two, one.log.own)
    await commitAll(one.log, numbered(51, 49))
    const lastPosition = (await readOwn(one.log)).at(-1)?.position ?? 0
    await when(two, () => endOf(two, one.log.own) > lastPosition)
    const read = await collect(two.log.read(one.log.own, position(0)))
    assert.deepEqual(read, await readOwn(one.log))
    const below = read.filter((record) => record.position < end)
    assert.deepEqual([...below, ...heard.of(one.log.own)], read)
  })

  test('another lane is searched as the own one is', async () => {
    await using host = await underTest.open()
    await using one = await host.start()
    await using two = await host.start()
    const heard = new Heard(two)
    const topics = ['a/b', 'a/c', 'b/b', '$SYS/b']
    await commitAll(
      one.log,
      Array.from({ length: 80 }, (_, index) => publishRecord(topics[index % topics.length] ?? '', `${index}`)),
    )
    await when(two, () => heard.of(one.log.own).length === 80)
    const [since, until] = [20, 60].map((index) => heard.of(one.log.own)[index]?.position)
    const spans = [span('a/+'), span('+/b', since, until)]
    const found = await collect(one.log.find(one.log.own, position(0), spans))
    assert.ok(found.length > 40)
    assert.deepEqual(await collect(two.log.find(one.log.own, position(0), spans)), found)
  })

  test('a barrier, and what stands behind it, comes after all that it names', async () => {
    await using host = await underTest.open()
    await using one = await host.start()
    await using two = await host.start()
    await using three = await host.start()
    const heard = new Heard(three)
    const needed = new Map<string, number>()
    let checked = 0
    using _listening = three.log.onCommit((batch) => {
      if (batch.partition !== two.log.own) return
      for (const at of batch.offsets.subarray(0, batch.count)) {
        if (recordKindAt(batch.bytes, at) !== recordKind.barrier) continue
        for (const [of, end] of readBarrier(batch.bytes, at)) assert.ok(endOf(three, of) >= end)
      }
      for (const { body } of heard.of(two.log.own).slice(-batch.count)) {
        const end = needed.get(body)
        if (end === undefined) continue
        checked++
        assert.ok(endOf(three, one.log.own) >= end, 'it came ahead of what its barrier names')
      }
    })
    for (let round = 0; round < barrierRounds; round++) {
      await commitAll(one.log, numbered(round * 10, 10))
      const end = endOf(one, one.log.own)
      needed.set(`after ${round}`, end)
      assert.ok(appendBarrier(two.log, new Map([[one.log.own, position(end)]])))
      append(two.log, publishRecord('n', `after ${round}`))
      await committed(two.log)
    }
    await when(three, () => checked === barrierRounds)
  })

  test('every search yields the barriers, and they hold back nothing in their own process', async () => {
    await using host = await underTest.open()
    await using one = await host.start()
    await using two = await host.start()
    const far = position(1_000_000)
    assert.ok(appendBarrier(one.log, new Map([[two.log.own, far]])))
    append(one.log, publishRecord('a', 'behind'))
    await committed(one.log)
    const found = await collect(one.log.find(one.log.own, position(0), [span('other')]))
    assert.deepEqual(
      found.map(({ kind }) => kind),
      [recordKind.barrier],
    )
  })

  test('of processes that write one row with the same expectation one wins', async () => {
    await using host = await underTest.open()
    await using one = await host.start()
    await using two = await host.start()
    const put = ({ state }: MemberUnderTest, value: string) =>
      state.write([{ table: 't', key: 'k', value: Buffer.from(value), expected: 0 }])
    const answers = await Promise.all([put(one, 'one'), put(two, 'two')])
    assert.deepEqual([...answers].sort(), ['applied', 'conflict'])
    const winner = answers[0] === 'applied' ? 'one' : 'two'
    for (const { state } of [one, two]) assert.equal((await state.get('t', 'k'))?.value.toString(), winner)
  })

  const { openForgetful } = underTest
  if (openForgetful === undefined) return
  test('nothing is deleted that a living process may still read', async () => {
    await using host = await openForgetful()
    await using one = await host.start()
    const two = await host.start()
    await when(one, () => one.members.bus.peers().length === 1)
    const body = 'x'.repeat(4096)
    const startOf = () => one.log.partitions().find(({ partition }) => partition === one.log.own)?.start ?? 0
    let count = 0
    const fill = async (until: () => boolean): Promise<void> => {
      for (let bytes = 0; bytes < forgetBytesMax && !until(); bytes += 64 * body.length) {
        await commitAll(
          one.log,
          Array.from({ length: 64 }, () => publishRecord('a', `${count++}:${body}`)),
        )
        one.log.setFloor(new Map([[one.log.own, position(endOf(one, one.log.own))]]))
      }
    }
    two.log.setFloor(new Map([[one.log.own, position(0)]]))
    await fill(() => false)
    assert.equal(startOf(), 0)
    const left = when(one, () => one.members.bus.peers().length === 0)
    await two[Symbol.asyncDispose]()
    await left
    // Until then nobody knows what its sessions still need.
    await using adoption = await one.members.adopt(two.log.own)
    await adoption?.done()
    await fill(() => startOf() > 0)
    assert.ok(startOf() > 0, 'the floor of a process that has ended holds nothing')
  })
}
