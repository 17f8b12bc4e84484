import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  compareDecimals,
  type Decimal,
  divideRounded,
  exactInteger,
  floorToScale,
  parseDecimal,
  roundToScale,
  scaledToText,
} from './decimal.ts'

const decimal = (text: string): Decimal => {
  const found = parseDecimal(text)
  if (found === undefined) throw new Error(text)
  return found
}

describe('decimals', () => {
  const rounded: readonly (readonly [string, number, bigint])[] = [
    ['0.5', 0, 1n],
    ['-0.5', 0, -1n],
    ['0.4999999999999999999999', 0, 0n],
    ['2.5', 0, 3n],
    ['1.005', 2, 101n],
    ['9007199254740993', 0, 9007199254740993n],
    ['1e3', 2, 100_000n],
    ['12.5e-1', 2, 125n],
    ['74.93588199999998', 8, 7_493_588_200n],
  ]
  for (const [text, scale, expected] of rounded) {
    it(`rounds ${text} to ${scale} places, half away from zero`, () => {
      assert.equal(roundToScale(decimal(text), scale), expected)
    })
  }

  for (const text of ['', 'NaN', '1_000', '0x10', '.5', '5.', '1e401', '1e-401', '1'.repeat(401), '１']) {
    it(`takes no ${JSON.stringify(text.slice(0, 12))}`, () => assert.equal(parseDecimal(text), undefined))
  }

  it('cuts towards the past', () => {
    assert.equal(floorToScale(decimal('1.9999999'), 6), 1_999_999n)
    assert.equal(floorToScale(decimal('-1.0000001'), 6), -1_000_001n)
  })

  it('knows integers however they are written', () => {
    assert.equal(exactInteger(decimal('10.0')), 10n)
    assert.equal(exactInteger(decimal('1.5e1')), 15n)
    assert.equal(exactInteger(decimal('1.5')), undefined)
  })

  it('compares exactly', () => {
    assert.equal(compareDecimals(decimal('80.0'), decimal('80')), 0)
    assert.equal(compareDecimals(decimal('80.00000000000000000001'), decimal('80')), 1)
    assert.equal(compareDecimals(decimal('-1'), decimal('1e-300')), -1)
  })

  it('comes back from its text', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }), fc.integer({ min: 0, max: 20 }), (units, scale) => {
        assert.equal(roundToScale(decimal(scaledToText(units, scale)), scale), units)
      }),
    )
  })

  it('divides to the nearest integer, and no other is nearer', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
        fc.bigInt({ min: 1n, max: 10n ** 9n }),
        (a, b) => {
          const twiceRest = 2n * (a - divideRounded(a, b) * b)
          assert.ok(twiceRest <= b && twiceRest >= -b)
          // On a tie the quotient lies away from zero: what is left has the other sign.
          if (twiceRest === b || twiceRest === -b) assert.equal(twiceRest > 0n, a < 0n)
        },
      ),
    )
  })
})
