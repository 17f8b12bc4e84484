import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import {
  CommitListeners,
  type CommittedBatch,
  type Partition,
  partition,
  readBarrier,
  recordKind,
} from '@hawser/engine'
import { type PlainRecord, publishRecord, recordsOf } from '@hawser/engine/contract'
import { type Random, seededRandom } from '@hawser/std'
import { ManualClock, temporaryFolder } from '@hawser/std/testing'
import { laneFolderName, segmentHeaderBytes } from '../format.ts'
import { Lane } from '../testing/lanes.ts'
import { ForeignLanes } from './foreign-lanes.ts'
import type { Extent, LaneState } from './lane-state.ts'

type Fault = 'none' | 'barrier ignored' | 'read past the watermark'

const laneCount = 3
const stepsPerRun = 60
const seeds = 15

/** A lane as its owner has it: what stands in its files, and how much of it is durable. */
class OwnersLane {
  readonly partition: Partition
  readonly #lane: Lane
  #extents: Extent[] = [{ base: 0, end: 0, dataEnd: segmentHeaderBytes }]

  constructor(folder: string, lane: number) {
    const laneFolder = join(folder, laneFolderName(lane))
    mkdirSync(laneFolder)
    this.partition = partition(lane)
    this.#lane = new Lane(laneFolder, { lane, segmentBytes: 4096 })
  }

  get end(): number {
    return this.#extents.at(-1)?.end ?? 0
  }

  append(records: readonly PlainRecord[]): void {
    const { bytes, next } = this.#lane.batch(records, 'latin1')
    const outcome = this.#lane.writer.commit(bytes, next, 1)
    assert.equal(outcome.kind, 'durable')
    if (outcome.kind !== 'durable') return
    const extent = { base: outcome.base, end: next, dataEnd: outcome.offset + bytes.length }
    const others = this.#extents.filter(({ base }) => base !== extent.base)
    this.#extents = [...others, extent]
  }

  state(): LaneState {
    return { kind: 'whole', lane: this.partition, start: 0, extents: this.#extents }
  }
}

/** A record whose body names, as its barrier does, what must come before what follows it. */
function barrier(ends: ReadonlyMap<Partition, number>, fault: Fault): PlainRecord {
  const body = Buffer.alloc(2 + ends.size * 10)
  body.writeUInt16LE(ends.size)
  let at = 2
  for (const [lane, end] of ends) {
    body.writeUInt16LE(lane, at)
    body.writeDoubleLE(end, at + 2)
    at += 10
  }
  const kind = fault === 'barrier ignored' ? recordKind.session : recordKind.barrier
  return { kind, flags: 0, topic: '', body: body.toString('latin1') }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Owners that append and are heard of late, and what a follower of them all is handed: answers what was wrong. */
async function violations(random: Random, fault: Fault): Promise<string[]> {
  await using folder = await temporaryFolder()
  const wrong: string[] = []
  const owners = Array.from({ length: laneCount }, (_, lane) => new OwnersLane(folder.path, lane + 1))
  const told = new Map<Partition, number>()
  const handed = new Map<Partition, number>()
  const listeners = new CommitListeners()
  listeners.add((batch: CommittedBatch) => {
    let at = 0
    for (const { position, kind, body } of recordsOf(batch)) {
      if (position !== (handed.get(batch.partition) ?? 0)) wrong.push(`${position} out of turn`)
      if (position >= (told.get(batch.partition) ?? 0)) wrong.push(`${position} is not said to be durable`)
      handed.set(batch.partition, position + 1)
      const offset = batch.offsets[at++] ?? 0
      const needed: Iterable<readonly [Partition, number]> =
        kind === recordKind.barrier ? readBarrier(batch.bytes, offset) : body.startsWith('[') ? JSON.parse(body) : []
      for (const [lane, end] of needed) if ((handed.get(lane) ?? 0) < end) wrong.push(`${body} came too early`)
    }
  })
  const lanes = new ForeignLanes({
    folder: folder.path,
    own: partition(0),
    ownEnd: () => 0,
    clock: new ManualClock(),
    listeners,
    checkOpen: () => undefined,
    onFault: (error) => wrong.push(error.message),
  })
  lanes.started()
  const tell = (owner: OwnersLane): void => {
    told.set(owner.partition, owner.end)
    lanes.learn(owner.state())
  }
  for (const owner of owners) tell(owner)
  for (let step = 0; step < stepsPerRun; step++) {
    const owner = owners[random.integer(laneCount)]
    if (owner === undefined) continue
    if (random.integer(3) === 0) {
      const ends = new Map(owners.filter((other) => other !== owner).map((other) => [other.partition, other.end]))
      owner.append([barrier(ends, fault)])
      owner.append([publishRecord('a', JSON.stringify([...ends]))])
    } else owner.append(Array.from({ length: 5 }, () => publishRecord('a', 'x'.repeat(random.integer(400)))))
    if (fault === 'read past the watermark') lanes.learn(owner.state())
    else if (random.integer(2) === 0) tell(owner)
    if (random.integer(2) === 0) await turn()
  }
  for (const owner of owners) tell(owner)
  for (const owner of owners) await lanes.caughtUp(owner.partition)
  for (const { partition: lane, end } of owners) {
    if (handed.get(lane) !== end) wrong.push(`${handed.get(lane)} of ${end} were handed over`)
  }
  lanes.close()
  return wrong
}

describe('foreign lanes', () => {
  it('are handed over in order, never past what is durable, never ahead of a barrier', async () => {
    for (let seed = 0; seed < seeds; seed++) assert.deepEqual(await violations(seededRandom(seed), 'none'), [])
  })

  for (const fault of ['barrier ignored', 'read past the watermark'] as const) {
    it(`the check finds the planted fault: ${fault}`, async () => {
      assert.ok((await violations(seededRandom(1), fault)).length > 0)
    })
  }
})
