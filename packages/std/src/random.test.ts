import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Random, seededRandom, systemRandom } from './random.ts'

const draws = 40_000
const times = <Value>(count: number, draw: () => Value): Value[] => Array.from({ length: count }, draw)
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Pearson's statistic for equally likely bins; above the bound with a chance of less than one in a million. */
function chiSquared(counts: readonly number[]): number {
  const expected = mean(counts)
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}
const chiSquaredMax = { 15: 60, 255: 380 } as const

function binned(random: Random, bins: number): number[] {
  const counts = Array.from({ length: bins }, () => 0)
  for (let draw = 0; draw < draws; draw++) {
    const bin = random.integer(bins)
    counts[bin] = (counts[bin] ?? Number.NaN) + 1
  }
  return counts
}

describe('seeded randomness', () => {
  it('the same seed gives the same run, another seed another', () => {
    const run = (seed: number) => {
      const random = seededRandom(seed)
      return [...times(50, () => random.next()), random.integer(1000), random.gaussian(0, 1), ...random.bytes(20)]
    }
    assert.deepEqual(run(42), run(42))
    assert.notDeepEqual(run(42), run(43))
    assert.notDeepEqual(run(0), run(1))
  })

  it('a run is the same in every version: recordings and failing seeds stay good', () => {
    const random = seededRandom(1)
    assert.deepEqual(
      times(3, () => random.integer(1_000_000)),
      [713_276, 12_132, 819],
    )
  })

  it('neighbouring seeds have nothing in common', () => {
    const firsts = times(4096, () => 0).map((_, seed) => Math.floor(seededRandom(seed).next() * 16))
    const counts = times(16, () => 0).map((_, bin) => firsts.filter((first) => first === bin).length)
    assert.ok(chiSquared(counts) < chiSquaredMax[15])
  })

  it('repeats nothing within a million draws', () => {
    const random = seededRandom(5)
    const [first, second] = [random.next(), random.next()]
    let before = second
    for (let draw = 0; draw < 1_000_000; draw++) {
      const now = random.next()
      assert.ok(before !== first || now !== second, 'the sequence has started anew')
      before = now
    }
  })
})

for (const [name, random] of [
  ['seeded', seededRandom(2024)],
  ['system', systemRandom],
] as const) {
  describe(`${name} randomness`, () => {
    it('next lies in [0, 1)', () => {
      const values = times(draws, () => random.next())
      assert.ok(values.every((value) => value >= 0 && value < 1))
      assert.ok(Math.abs(mean(values) - 0.5) < 0.01)
    })

    it('integers are uniform below their bound', () => {
      assert.ok(chiSquared(binned(random, 16)) < chiSquaredMax[15])
      assert.ok(chiSquared(binned(random, 256)) < chiSquaredMax[255])
      assert.ok(times(100, () => random.integer(1)).every((value) => value === 0))
    })

    it('bytes are uniform', () => {
      const counts = times(256, () => 0)
      for (const byte of random.bytes(draws)) counts[byte] = (counts[byte] ?? 0) + 1
      assert.ok(chiSquared(counts) < chiSquaredMax[255])
      assert.equal(random.bytes(0).length, 0)
    })

    it('gaussian values have their mean, deviation and tails', () => {
      const values = times(draws, () => random.gaussian(20, 3))
      const deviation = Math.sqrt(mean(values.map((value) => (value - 20) ** 2)))
      const within = (sigmas: number) => values.filter((value) => Math.abs(value - 20) < 3 * sigmas).length / draws
      assert.ok(values.every(Number.isFinite))
      assert.ok(Math.abs(mean(values) - 20) < 0.08)
      assert.ok(Math.abs(deviation - 3) < 0.06)
      assert.ok(Math.abs(within(1) - 0.6827) < 0.013)
      assert.ok(Math.abs(within(2) - 0.9545) < 0.006)
    })
  })
}
