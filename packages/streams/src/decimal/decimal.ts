/** Numbers as they were written: exact, whatever their size. */

/** `units / 10 ** scale` */
export interface Decimal {
  readonly units: bigint
  readonly scale: number
}

/** More characters, or a larger exponent, than any measurement has: refused before it costs anything. */
export const decimalCharsMax = 400
const exponentMax = 400

const pattern = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/

/** undefined where the text is no decimal number or beyond the bounds above. */
export function parseDecimal(text: string): Decimal | undefined {
  if (text.length > decimalCharsMax) return undefined
  const match = pattern.exec(text)
  if (match === null) return undefined
  const [, sign = '', whole = '', fraction = '', exponentText = '0'] = match
  const exponent = Number(exponentText)
  if (Math.abs(exponent) > exponentMax) return undefined
  const magnitude = BigInt(whole + fraction)
  const units = sign === '-' ? -magnitude : magnitude
  const scale = fraction.length - exponent
  return scale >= 0 ? { units, scale } : { units: units * powerOfTen(-scale), scale: 0 }
}

const powers: bigint[] = Array.from({ length: 40 }, (_, exponent) => 10n ** BigInt(exponent))
export const powerOfTen = (exponent: number): bigint => powers[exponent] ?? 10n ** BigInt(exponent)

/** Negative, 0 or positive, exactly. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale)
  const left = a.units * powerOfTen(scale - a.scale)
  const right = b.units * powerOfTen(scale - b.scale)
  return left < right ? -1 : left > right ? 1 : 0
}

/** The integer number of `10 ** -scale`, half away from zero. [KPI 12] */
export function roundToScale(decimal: Decimal, scale: number): bigint {
  if (decimal.scale <= scale) return decimal.units * powerOfTen(scale - decimal.scale)
  return divideRounded(decimal.units, powerOfTen(decimal.scale - scale))
}

/** As `roundToScale`, but the digits beyond are cut: towards the past for times. */
export function floorToScale(decimal: Decimal, scale: number): bigint {
  if (decimal.scale <= scale) return decimal.units * powerOfTen(scale - decimal.scale)
  const divisor = powerOfTen(decimal.scale - scale)
  const quotient = decimal.units / divisor
  return decimal.units < 0n && quotient * divisor !== decimal.units ? quotient - 1n : quotient
}

/** The exact integer, or undefined where the number has a fraction. */
export function exactInteger(decimal: Decimal): bigint | undefined {
  const divisor = powerOfTen(decimal.scale)
  return decimal.units % divisor === 0n ? decimal.units / divisor : undefined
}

/** Quotient to the nearest integer, half away from zero. The divisor is positive. */
export function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const magnitude = dividend < 0n ? -dividend : dividend
  const quotient = (2n * magnitude + divisor) / (2n * divisor)
  return dividend < 0n ? -quotient : quotient
}

/** Decimal text with exactly `scale` places. */
export function scaledToText(units: bigint, scale: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const sign = units < 0n ? '-' : ''
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}
