import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Partition, partition } from '@hawser/engine'
import { milliseconds, seededRandom, systemClock } from '@hawser/std'
import { ManualClock, temporaryFolder } from '@hawser/std/testing'
import { openLocalEngine } from '../local-engine.ts'
import { type EndedProcess, endingProcesses } from '../lock/end-process.ts'
import { lockLane } from '../lock/lane-lock.ts'
import { type KillOutcome, killProcess, thisProcess } from '../lock/process-identity.ts'
import { fenceLane } from './fence.ts'
import { digestsOf, orphaned, startMember } from './testing/processes.ts'
import { Unreachable } from './unreachable.ts'

const lane = partition(3)
const silentMs = 1000
const refused: KillOutcome = { kind: 'refused', why: 'EPERM' }

describe('a lane whose owner cannot be ended', () => {
  const surroundings = () => {
    const state = { onBus: true, free: false, faults: [] as string[], freed: [] as Partition[] }
    const unreachable = new Unreachable({
      hasOwner: () => state.onBus,
      isFree: () => state.free,
      onFault: ({ message }) => state.faults.push(message),
      onFree: (which) => state.freed.push(which),
    })
    return { state, unreachable }
  }

  it('is said once, and its owner’s again once that is heard', () => {
    const { state, unreachable } = surroundings()
    for (let beat = 0; beat < 5; beat++) {
      unreachable.refused(lane, thisProcess(), 'EPERM')
      unreachable.beat()
      assert.deepEqual(unreachable.all, [lane])
    }
    assert.deepEqual(state.faults, [`process ${process.pid} is silent and cannot be ended: EPERM`])
    unreachable.beat()
    assert.deepEqual([unreachable.all, state.freed], [[], []])
  })

  it('is to be taken over once its lock is free', () => {
    const { state, unreachable } = surroundings()
    state.onBus = false
    unreachable.refused(lane, thisProcess(), 'EPERM')
    for (let beat = 0; beat < 5; beat++) unreachable.beat()
    assert.deepEqual([unreachable.all, state.freed], [[lane], []])
    state.free = true
    unreachable.beat()
    assert.deepEqual([unreachable.all, state.freed], [[], [lane]])
  })

  it('is left alone by who wants its lock', async () => {
    await using folder = await temporaryFolder()
    const answer = lockLane(folder.path, lane)
    assert.equal(answer.kind, 'locked')
    using _lock = answer.kind === 'locked' ? answer.lock : undefined
    const clock = new ManualClock()
    const patienceMs = milliseconds(1000)
    const always = () => true
    const never = () => false
    const fencing = fenceLane(lane, {
      ...{ folder: folder.path, clock, patienceMs, isMember: never, isOrphan: always },
      end: () => refused,
    })
    let isOver = false
    void fencing.finally(() => {
      isOver = true
    })
    for (let step = 0; step < 100 && !isOver; step++) {
      clock.advance(100)
      await new Promise(setImmediate)
    }
    const outcome = await fencing
    assert.deepEqual([outcome.kind, outcome.kind === 'refused' && outcome.owner.pid], ['refused', process.pid])
  })

  it('is taken over with all of it when the owner dies at last', { timeout: 120_000 }, async () => {
    await using folder = await temporaryFolder()
    const said = Promise.withResolvers<Error>()
    const faults: Error[] = []
    await using survivor = await openLocalEngine({
      folder: folder.path,
      clock: systemClock,
      random: seededRandom(1),
      share: 'member',
      silentMsMax: milliseconds(silentMs),
      kill: () => refused,
      onFault: (error) => {
        faults.push(error)
        said.resolve(error)
      },
    })
    const { members, log } = survivor
    assert.ok(members)
    const handed = digestsOf(log)
    await using member = await startMember(folder.path, 1, 'append', silentMs)
    await member.acknowledgedMany(500)
    member.signal('SIGSTOP')
    assert.match((await said.promise).message, /is silent and cannot be ended: EPERM/)
    assert.deepEqual(members.unreachable(), [member.lane])
    assert.equal(await members.adopt(member.lane), undefined)
    member.signal('SIGKILL')
    await orphaned(members, member.lane)
    await using adoption = await members.adopt(member.lane)
    await adoption?.done()
    assert.deepEqual([members.unreachable(), members.orphans()], [[], []])
    for (const [at, digest] of member.acknowledged) assert.equal(handed.get(member.lane)?.get(at), digest)
    assert.equal(faults.length, 1)
  })
})

describe('ending processes', () => {
  it('is said once of each', () => {
    const told: EndedProcess[] = []
    const outcomes: KillOutcome[] = [{ kind: 'gone' }, refused, { kind: 'killed' }, { kind: 'killed' }]
    const end = endingProcesses(
      (ended) => told.push(ended),
      () => outcomes.shift() ?? killProcess(thisProcess()),
    )
    for (let round = 0; round < 4; round++) end({ pid: 7, host: 'here', startTicks: 1 }, milliseconds(8000))
    assert.deepEqual(told, [{ pid: 7, silentMsMin: 8000 }])
  })
})
