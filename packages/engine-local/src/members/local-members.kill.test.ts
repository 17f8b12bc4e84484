import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Members, type MessageLog, type Partition, position } from '@hawser/engine'
import { collect } from '@hawser/engine/contract'
import { milliseconds, seededRandom, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { openLocalEngine } from '../local-engine.ts'
import { digestOf } from '../log/testing/signed-records.ts'
import { digestsOf, type MemberProcess, orphaned, startMember } from './testing/processes.ts'

const kills = 20
const heirEvery = 5
const acknowledgedMax = 2000
const silentMs = 1500

async function openSurvivor(folder: string) {
  const faults: Error[] = []
  const engine = await openLocalEngine({
    folder,
    clock: systemClock,
    random: seededRandom(1),
    share: 'member',
    silentMsMax: milliseconds(silentMs),
    onFault: (error) => faults.push(error),
  })
  const { members } = engine
  assert.ok(members !== undefined)
  return {
    ...engine,
    members,
    faults,
    handed: digestsOf(engine.log),
    writeRow: () => engine.state.write([{ table: 't', key: 'survivor', value: Buffer.from('x') }]),
  }
}

async function readDigests(log: MessageLog, lane: Partition): Promise<Map<number, string>> {
  const stored = await collect(log.read(lane, position(0)))
  return new Map(stored.map((record) => [record.position, digestOf(record.body)]))
}

function checkAcknowledged(member: MemberProcess, found: ReadonlyMap<number, string> | undefined): void {
  for (const [at, digest] of member.acknowledged) assert.equal(found?.get(at), digest, `acknowledged ${at} is lost`)
}

async function adopt(members: Members, lane: Partition): Promise<void> {
  await orphaned(members, lane)
  await using adoption = await members.adopt(lane)
  assert.equal(adoption?.range.partition, lane)
  await adoption?.done()
  assert.ok(!members.orphans().includes(lane))
}

describe('members that die', () => {
  it(`what ${kills} members acknowledged before they were killed is read by a survivor, once`, async (test) => {
    await using folder = await temporaryFolder()
    await using survivor = await openSurvivor(folder.path)
    await using idle = await startMember(folder.path, 1000, 'idle', silentMs)
    const { log, members, handed } = survivor
    const random = seededRandom(5)
    let count = 0
    for (let generation = 0; generation < kills; generation++) {
      await using member = await startMember(folder.path, generation, 'append', silentMs)
      await member.acknowledgedMany(random.integer(acknowledgedMax))
      member.signal('SIGKILL')
      await member.ended
      // Now and then the lane is taken by who comes next, without an adoption.
      if (generation % heirEvery !== 0) {
        await adopt(members, member.lane)
        checkAcknowledged(member, handed.get(member.lane))
        checkAcknowledged(member, await readDigests(log, member.lane))
      } else {
        await orphaned(members, member.lane)
        await using heir = await startMember(folder.path, kills + generation, 'append', silentMs)
        assert.equal(heir.lane, member.lane)
        await heir.acknowledgedMany(100)
        assert.equal(await members.adopt(member.lane), undefined, 'it is its heir’s to adopt')
        heir.signal('SIGKILL')
        await heir.ended
        await adopt(members, heir.lane)
        for (const life of [member, heir]) checkAcknowledged(life, handed.get(life.lane))
      }
      count += member.acknowledged.size
      assert.equal(await survivor.writeRow(), 'applied')
      await idle.writeRow('idle')
    }
    assert.deepEqual(survivor.faults, [])
    test.diagnostic(`${kills} kills, ${count} records acknowledged`)
  })

  it('a frozen member is ended and taken over; idle ones are not harmed', async (test) => {
    await using folder = await temporaryFolder()
    await using survivor = await openSurvivor(folder.path)
    await using idle = await startMember(folder.path, 1000, 'idle', silentMs)
    await using member = await startMember(folder.path, 1, 'append', silentMs)
    await member.acknowledgedMany(500)
    member.signal('SIGSTOP')
    const frozen = systemClock.monotonicMs()
    await adopt(survivor.members, member.lane)
    test.diagnostic(`adopted ${Math.round(systemClock.monotonicMs() - frozen)} ms after it froze`)
    assert.equal(await member.ended, 'SIGKILL')
    checkAcknowledged(member, survivor.handed.get(member.lane))
    assert.equal(await survivor.writeRow(), 'applied')
    await idle.writeRow('idle')
    assert.deepEqual(survivor.members.orphans(), [])
    assert.deepEqual(survivor.faults, [])
  })

  it('one that was frozen before others came is ended too', async () => {
    await using folder = await temporaryFolder()
    await using member = await startMember(folder.path, 1, 'append', silentMs)
    await member.acknowledgedMany(500)
    member.signal('SIGSTOP')
    await using survivor = await openSurvivor(folder.path)
    await adopt(survivor.members, member.lane)
    assert.equal(await member.ended, 'SIGKILL')
    checkAcknowledged(member, await readDigests(survivor.log, member.lane))
  })
})
