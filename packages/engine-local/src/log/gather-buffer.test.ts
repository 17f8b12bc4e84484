import assert from 'node:assert/strict'
import { it } from 'node:test'
import { RecordPlaces, recordKind, reserveRefused } from '@hawser/engine'
import fc from 'fast-check'
import { frameBytesMax, frameEnd, frameFirstPosition } from './format.ts'
import { placeRecords } from './frames.ts'
import { GatherBuffer, type GatheredRange } from './gather-buffer.ts'

const base = 1000
const sizes = { pendingBytesMax: 64 << 10, recentBytesMax: 48 << 10, recordBytesMax: 40 << 10 }

type Step =
  | { readonly kind: 'reserve'; readonly bytes: number }
  | { readonly kind: 'take' }
  | { readonly kind: 'release' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('reserve' as const), bytes: fc.integer({ min: 0, max: 6000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('reserve' as const), bytes: fc.integer({ min: 0, max: 39_000 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('take' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('release' as const) }) },
)

/** The gather buffer beside a plain list of what was put in it. */
class Model {
  readonly #gathered = new GatherBuffer({ ...sizes, base, onPending: () => void this.#announced++ })
  readonly #sizes: number[] = []
  readonly #taken: GatheredRange[] = []
  #committed = 0
  #announced = 0

  run(step: Step): void {
    if (step.kind === 'reserve') this.#reserve(step.bytes)
    else if (step.kind === 'take') this.#take()
    else this.#release()
    this.#checkRecent()
  }

  #reserve(bytes: number): void {
    const at = this.#gathered.reserve(recordKind.publish, 0, 0, bytes)
    if (at === reserveRefused) {
      assert.ok(this.#gathered.pendingBytes > 0, 'an empty buffer takes any record')
      return
    }
    this.#gathered.buffer.fill(this.#sizes.length & 0xff, at, at + bytes)
    this.#sizes.push(bytes)
    assert.ok(this.#gathered.pendingBytes <= sizes.pendingBytesMax + frameBytesMax)
    assert.equal(this.#gathered.lastTicket, this.#sizes.length - 1)
    assert.ok(this.#announced > 0)
  }

  #take(): void {
    const range = this.#gathered.take()
    this.#announced = 0
    if (range !== undefined) this.#taken.push(range)
  }

  /** Commits the oldest batch that was taken. */
  #release(): void {
    const range = this.#taken.shift()
    if (range === undefined) return
    assert.equal(range.first, base + this.#committed)
    assert.equal(range.firstTicket, this.#committed)
    this.#checkRecords(range, range.first)
    this.#committed = range.next - base
    this.#gathered.recent.add(range)
    this.#gathered.release(range)
  }

  #checkRecords({ start, end, next }: { start: number; end: number; next: number }, first: number): void {
    const { buffer } = this.#gathered
    const places = new RecordPlaces()
    placeRecords(buffer, start, end, 0, places)
    assert.equal(places.count, next - first)
    for (let index = 0; index < places.count; index++) {
      const ticket = first - base + index
      const bytes = this.#sizes[ticket] ?? Number.NaN
      const at = (places.offsets[index] ?? 0) + 8
      assert.equal(places.positions[index], base + ticket)
      assert.equal(buffer.readUInt32LE(at - 8), bytes + 4)
      if (bytes > 0) assert.ok(buffer[at] === (ticket & 0xff) && buffer[at + bytes - 1] === (ticket & 0xff))
    }
    for (let at = start; at < end; at = frameEnd(buffer, at)) assert.ok(frameFirstPosition(buffer, at) >= first)
  }

  /** All that the ring still offers is what was committed, up to the newest, without a gap. */
  #checkRecent(): void {
    let oldest = base + this.#committed
    while (oldest > base && this.#gathered.recent.find(oldest - 1) !== undefined) oldest--
    for (let at = oldest; at < base + this.#committed; ) {
      const batch = this.#gathered.recent.find(at)
      assert.ok(batch !== undefined && batch.first === at)
      this.#checkRecords(batch, batch.first)
      at = batch.next
    }
  }
}

it('a ring of frames gives back what was put in it, batch by batch, and forgets in order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const model = new Model()
      for (const next of steps) model.run(next)
    }),
    { numRuns: 150 },
  )
})

it('is congested before it is full, and takes records again once the disk has caught up', () => {
  const gathered = new GatherBuffer({ ...sizes, base: 0, onPending: () => undefined })
  let isCongestedAt = -1
  let count = 0
  while (gathered.reserve(recordKind.publish, 0, 0, 100) !== reserveRefused) {
    count++
    if (isCongestedAt === -1 && gathered.congested) isCongestedAt = count
  }
  assert.ok(isCongestedAt > 0 && isCongestedAt < count * 0.6)
  for (let range = gathered.take(); range !== undefined; range = gathered.take()) gathered.release(range)
  assert.equal(gathered.pendingBytes, 0)
  assert.notEqual(gathered.reserve(recordKind.publish, 0, 0, 100), reserveRefused)
})
