import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from '@hawser/std'
import { appendBarrier } from '../barrier-record.ts'
import { append, publishRecord, readOwn, recordsOf } from '../contract/mod.ts'
import { position, reserveRefused } from '../log.ts'
import { recordKind } from '../record.ts'
import { createSimulatedHost, type SimulatedMember, type SimulatedTurn } from './mod.ts'

/** Turns that wait until the test lets them run. */
class HeldTurns {
  readonly #turns: { readonly turn: SimulatedTurn; readonly run: () => void }[] = []

  readonly schedule = (turn: SimulatedTurn, run: () => void): void => void this.#turns.push({ turn, run })

  /** Runs those that are wanted, and what they lead to, the oldest or the newest first. */
  async run(
    wanted: (turn: SimulatedTurn) => boolean = () => true,
    first: 'oldest' | 'newest' = 'oldest',
  ): Promise<void> {
    for (;;) {
      await new Promise(setImmediate)
      const isWanted = ({ turn }: { readonly turn: SimulatedTurn }): boolean => wanted(turn)
      const index = first === 'oldest' ? this.#turns.findIndex(isWanted) : this.#turns.findLastIndex(isWanted)
      if (index < 0) return
      this.#turns.splice(index, 1)[0]?.run()
    }
  }
}

const heardBy = ({ log }: SimulatedMember): string[] => {
  const bodies: string[] = []
  log.onCommit((batch) => {
    for (const { kind, body } of recordsOf(batch)) if (kind === recordKind.publish) bodies.push(body)
  })
  return bodies
}
const publish = ({ log }: SimulatedMember, body: string) => append(log, publishRecord('t', body))

describe('simulated host', () => {
  it('what was not durable when a process died is gone, and its positions are not used again', async () => {
    const turns = new HeldTurns()
    const host = createSimulatedHost({ schedule: turns.schedule })
    const before = host.start()
    publish(before, 'kept')
    await turns.run()
    publish(before, 'gone')
    before.crash()
    await turns.run()
    const after = host.start()
    const heard = heardBy(after)
    publish(after, 'new')
    await turns.run()
    assert.deepEqual(heard, ['new'])
    const reading = readOwn(after.log)
    await turns.run()
    assert.deepEqual(
      (await reading).map((record) => [record.body, record.position]),
      [
        ['kept', 0],
        ['new', 2],
      ],
    )
  })

  it('what is durable and nobody has heard of is found by who adopts the lane', async () => {
    const turns = new HeldTurns()
    const host = createSimulatedHost({ schedule: turns.schedule })
    const one = host.start()
    const two = host.start()
    const heard = heardBy(two)
    publish(one, 'durable')
    await turns.run(({ kind }) => kind === 'commit')
    one.crash()
    await turns.run()
    assert.deepEqual(heard, [])
    const adopting = two.members.adopt(one.log.own)
    await turns.run()
    assert.equal((await adopting)?.range.end, 1)
    assert.deepEqual(heard, ['durable'])
  })

  it('holds a lane at a barrier until the lanes that it names have come so far', async () => {
    const turns = new HeldTurns()
    const host = createSimulatedHost({ schedule: turns.schedule })
    const [one, two, three] = [host.start(), host.start(), host.start()]
    const heard = heardBy(three)
    const others = ({ peer }: SimulatedTurn): boolean => peer !== three.id
    publish(one, 'first')
    await turns.run(others)
    assert.ok(appendBarrier(two.log, new Map([[one.log.own, position(1)]])))
    publish(two, 'second')
    await turns.run(others)
    assert.deepEqual(heard, [])
    await turns.run(() => true, 'newest')
    assert.deepEqual(heard, ['first', 'second'])
  })

  it('a dead process does nothing any more', async () => {
    const turns = new HeldTurns()
    const host = createSimulatedHost({ schedule: turns.schedule })
    const one = host.start()
    const two = host.start()
    const written = one.state.write([{ table: 't', key: 'k', value: Buffer.from('late') }])
    two.members.bus.subscribe('c', () => assert.fail('it was said after death'))
    one.crash()
    await assert.rejects(written, { code: 'LOG_FAILED' })
    await assert.rejects(one.state.write([{ table: 't', key: 'k', value: null }]))
    assert.equal(one.log.reserve(recordKind.publish, 0, 0, 0), reserveRefused)
    assert.equal(one.members.bus.send(two.id, 'c', Buffer.alloc(0)), false)
    await turns.run()
    const row = two.state.get('t', 'k')
    await turns.run()
    assert.equal(await row, undefined)
    assert.equal(one.status, 'dead')
  })

  it('nothing comes to a frozen process until it thaws', async () => {
    const turns = new HeldTurns()
    const host = createSimulatedHost({ schedule: turns.schedule })
    const one = host.start()
    const two = host.start()
    await turns.run()
    const heard = heardBy(two)
    two.members.bus.subscribe('c', (_from, bytes) => heard.push(bytes.toString()))
    two.freeze()
    publish(one, 'committed')
    one.members.bus.broadcast('c', Buffer.from('said'))
    await turns.run()
    assert.deepEqual(heard, [])
    two.thaw()
    await turns.run()
    assert.deepEqual(heard.sort(), ['committed', 'said'])
  })

  it('a full disk takes nothing, and what was appended before waits for room', async () => {
    const turns = new HeldTurns()
    const host = createSimulatedHost({ schedule: turns.schedule })
    const one = host.start()
    const heard = heardBy(one)
    publish(one, 'waits')
    host.setDiskFull(true)
    assert.equal(one.log.status.kind, 'full')
    assert.equal(one.log.reserve(recordKind.publish, 0, 0, 0), reserveRefused)
    const refused = assert.rejects(one.state.write([{ table: 't', key: 'k', value: Buffer.alloc(1) }]), {
      code: 'DISK_FULL',
    })
    await turns.run()
    await refused
    assert.deepEqual(heard, [])
    host.setDiskFull(false)
    await turns.run()
    assert.deepEqual(heard, ['waits'])
  })

  it('of what a dying process has sent, the beginning arrives, and then its departure', async () => {
    const counts = new Set<number>()
    for (let seed = 0; seed < 20; seed++) {
      const turns = new HeldTurns()
      const host = createSimulatedHost({ schedule: turns.schedule, random: seededRandom(seed) })
      const [one, two] = [host.start(), host.start()]
      await turns.run()
      const said: string[] = []
      two.members.bus.subscribe('c', (_from, bytes) => said.push(bytes.toString()))
      two.members.bus.onPeers(({ kind }) => said.push(kind))
      for (const body of ['a', 'b', 'c']) one.members.bus.broadcast('c', Buffer.from(body))
      one.crash()
      await turns.run()
      assert.deepEqual(said, [...['a', 'b', 'c'].slice(0, said.length - 1), 'left'])
      counts.add(said.length)
    }
    assert.equal(counts.size, 4)
  })
})
