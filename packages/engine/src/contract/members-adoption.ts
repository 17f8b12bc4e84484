import assert from 'node:assert/strict'
import { partition, position } from '../log.ts'
import {
  endOf,
  Heard,
  type MembersHost,
  type MembersUnderTest,
  type MemberUnderTest,
  when,
} from './members-under-test.ts'
import { append, collect, commitAll, publishRecord, readOwn } from './records.ts'
import type { Case } from './under-test.ts'

const first = partition(0)
const second = partition(1)

const isOrphan = ({ members }: MemberUnderTest, lane = first): boolean => members.orphans().includes(lane)

/** Processes that know each other; the first has committed `bodies`, and has more under way. */
async function started(host: MembersHost, count: number, bodies: readonly string[]): Promise<MemberUnderTest[]> {
  const all: MemberUnderTest[] = []
  for (let index = 0; index < count; index++) all.push(await host.start())
  for (const member of all) await when(member, () => member.members.bus.peers().length === count - 1)
  const [one] = all
  if (one === undefined || bodies.length === 0) return all
  await commitAll(
    one.log,
    bodies.map((body) => publishRecord('a', body)),
  )
  append(one.log, publishRecord('a', 'perhaps'))
  return all
}

const bodiesOf = async ({ log }: MemberUnderTest, lane = first): Promise<string[]> =>
  (await collect(log.read(lane, position(0)))).map(({ body }) => body)

export function adoptionCases(underTest: MembersUnderTest, test: Case): void {
  test('the lane of a dead process is an orphan from when its peers know, and an adopter reads all of it', async () => {
    await using host = await underTest.open()
    const bodies = Array.from({ length: 100 }, (_, index) => `${index}`)
    const [one, two] = await started(host, 2, bodies)
    assert.ok(one !== undefined && two !== undefined)
    await using _two = two
    const heard = new Heard(two)
    const dead = one.members.bus.self
    using _listening = two.members.bus.onPeers(({ kind, peer }) => {
      if (kind === 'left' && peer === dead) assert.ok(isOrphan(two), 'its claims must wait at once')
    })
    await one.crash()
    await when(two, () => isOrphan(two) && two.members.bus.peers().length === 0)
    assert.equal(two.members.partitionOf(dead), undefined)
    await using adoption = await two.members.adopt(first)
    assert.ok(adoption !== undefined)
    const read = await bodiesOf(two)
    assert.deepEqual(read.slice(0, 100), bodies)
    assert.ok(read.length <= 101)
    assert.equal(adoption.range.partition, first)
    await when(two, () => endOf(two, first) >= adoption.range.end)
    assert.equal(endOf(two, first), adoption.range.end)
    const missed = heard.bodies(first)
    assert.deepEqual(read.slice(read.length - missed.length), missed)
    await adoption.done()
    assert.ok(!isOrphan(two))
  })

  test('one of many adopts, and all forget the orphan when it is done', async () => {
    await using host = await underTest.open()
    const [one, two, three] = await started(host, 3, ['x'])
    assert.ok(one !== undefined && two !== undefined && three !== undefined)
    await using _two = two
    await using _three = three
    await one.crash()
    await Promise.all([when(two, () => isOrphan(two)), when(three, () => isOrphan(three))])
    const adoptions = await Promise.all([
      two.members.adopt(first),
      three.members.adopt(first),
      two.members.adopt(first),
    ])
    const [adoption, ...others] = adoptions.filter((each) => each !== undefined)
    assert.ok(adoption !== undefined)
    assert.equal(others.length, 0)
    const forgotten = Promise.all([when(two, () => !isOrphan(two)), when(three, () => !isOrphan(three))])
    await adoption.done()
    await adoption[Symbol.asyncDispose]()
    await forgotten
    assert.equal(await three.members.adopt(first), undefined)
    assert.equal(await two.members.adopt(second), undefined, 'its own lane is no orphan')
  })

  test('an adoption that ends before it is done leaves the orphan to others', async () => {
    await using host = await underTest.open()
    const [one, two, three] = await started(host, 3, ['x'])
    assert.ok(one !== undefined && two !== undefined && three !== undefined)
    await using _three = three
    await one.crash()
    await Promise.all([when(two, () => isOrphan(two)), when(three, () => isOrphan(three))])
    const given = await two.members.adopt(first)
    assert.ok(given !== undefined)
    assert.equal(await three.members.adopt(first), undefined)
    await given[Symbol.asyncDispose]()
    const again = await two.members.adopt(first)
    assert.ok(again !== undefined)
    await two.crash()
    await when(three, () => isOrphan(three, second))
    assert.deepEqual([...three.members.orphans()].sort(), [first, second])
    await using adoption = await three.members.adopt(first)
    assert.ok(adoption !== undefined, 'the lock of a dead adopter is free')
    assert.ok((await bodiesOf(three)).includes('x'))
  })

  test('no process starts on a lane that is being adopted; later it does, behind all that was there', async () => {
    await using host = await underTest.open()
    const [one, two] = await started(host, 2, ['x', 'y'])
    assert.ok(one !== undefined && two !== undefined)
    await using _two = two
    await one.crash()
    await when(two, () => isOrphan(two))
    const adoption = await two.members.adopt(first)
    assert.ok(adoption !== undefined)
    await using meanwhile = await host.start()
    assert.equal(meanwhile.log.own, 2)
    await adoption.done()
    await adoption[Symbol.asyncDispose]()
    const heard = new Heard(two)
    await using after = await host.start()
    assert.equal(after.log.own, first)
    assert.ok(!isOrphan(after))
    const before = await readOwn(after.log)
    await commitAll(after.log, [publishRecord('a', 'new')])
    const now = await readOwn(after.log)
    assert.deepEqual(now.slice(0, -1), before)
    assert.equal(now.at(-1)?.body, 'new')
    assert.ok((now.at(-1)?.position ?? 0) >= adoption.range.end)
    await when(two, () => heard.bodies(first).includes('new'))
  })

  test('who starts on an orphan adopts its own lane, and nobody else does', async () => {
    await using host = await underTest.open()
    const [one, two] = await started(host, 2, ['x', 'y'])
    assert.ok(one !== undefined && two !== undefined)
    await using _two = two
    await one.crash()
    await when(two, () => isOrphan(two))
    await using replacement = await host.start()
    assert.equal(replacement.log.own, first)
    assert.ok(isOrphan(replacement))
    assert.deepEqual(
      (await readOwn(replacement.log)).slice(0, 2).map(({ body }) => body),
      ['x', 'y'],
    )
    assert.equal(await two.members.adopt(first), undefined)
    const forgotten = when(two, () => !isOrphan(two))
    await using adoption = await replacement.members.adopt(first)
    assert.ok(adoption !== undefined)
    await adoption.done()
    await forgotten
    assert.ok(!isOrphan(replacement))
  })

  test('when all have died, who starts finds the orphans from the start', async () => {
    await using host = await underTest.open()
    const all = await started(host, 3, ['x'])
    for (const member of all) await member.crash()
    await using next = await host.start()
    assert.equal(next.log.own, first)
    assert.deepEqual([...next.members.orphans()].sort(), [0, 1, 2])
    for (const lane of next.members.orphans()) {
      await using adoption = await next.members.adopt(lane)
      assert.ok(adoption !== undefined)
      await adoption.done()
    }
    assert.deepEqual(next.members.orphans(), [])
    assert.ok((await bodiesOf(next)).includes('x'))
  })

  test('who ends in order leaves an orphan too: its deadlines and leases are to be taken over', async () => {
    await using host = await underTest.open()
    const [one, two] = await started(host, 2, ['x'])
    assert.ok(one !== undefined && two !== undefined)
    await using _two = two
    await one[Symbol.asyncDispose]()
    await when(two, () => isOrphan(two))
    await using adoption = await two.members.adopt(first)
    assert.ok(adoption !== undefined)
    assert.deepEqual(await bodiesOf(two), ['x', 'perhaps'])
    await adoption.done()
  })
}
