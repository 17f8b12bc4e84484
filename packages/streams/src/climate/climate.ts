/** Heat index and dew point from air temperature and relative humidity. Results are promised to two decimals. */

import { parseDecimal, roundToScale, scaledToText } from '../decimal/decimal.ts'

export const climateDecimals = 2
/** Far above what binary arithmetic blurs, far below what a sensor's few digits can tell apart. */
const exactDecimals = 9

/** The digits promised, half away from zero. A value such as 21.835, a hair less in binary, is a tie all the same. */
export function celsiusText(celsius: number): string {
  const decimal = parseDecimal(celsius.toFixed(exactDecimals))
  if (decimal === undefined) throw new RangeError(`no temperature: ${celsius}`)
  return scaledToText(roundToScale(decimal, climateDecimals), climateDecimals)
}

export type ClimateFlag = 'humidity-out-of-range' | 'temperature-out-of-range'
export type ClimateValue =
  | { readonly kind: 'value'; readonly celsius: number }
  | { readonly kind: 'flagged'; readonly reason: ClimateFlag }

/** Beyond every sensor; Magnus' formula ends well before −243.12 °C. */
const celsiusMin = -100
const celsiusMax = 200

function flagOf(celsius: number, humidityPercent: number): ClimateFlag | undefined {
  // Written so that NaN is out of range too.
  if (!(humidityPercent > 0 && humidityPercent <= 100)) return 'humidity-out-of-range'
  return celsius >= celsiusMin && celsius <= celsiusMax ? undefined : 'temperature-out-of-range'
}

export function heatIndex(celsius: number, humidityPercent: number): ClimateValue {
  const reason = flagOf(celsius, humidityPercent)
  if (reason !== undefined) return { kind: 'flagged', reason }
  const fahrenheit = heatIndexFahrenheit(celsius * 1.8 + 32, humidityPercent)
  return { kind: 'value', celsius: (fahrenheit - 32) / 1.8 }
}

const regressionFromFahrenheit = 80

/**
 * US National Weather Service, "The Heat Index Equation" (wpc.ncep.noaa.gov/html/heatindex_equation.shtml): the
 * simple formula averaged with the temperature; from 80 °F on Rothfusz' regression (SR 90-23) with its adjustments
 * for dry and for humid air.
 */
export function heatIndexFahrenheit(temperature: number, humidity: number): number {
  const simple = 61 + (temperature - 68) * 1.2 + humidity * 0.094
  const averaged = (simple + temperature) / 2
  if (averaged < regressionFromFahrenheit) return averaged
  return rothfusz(temperature, humidity) - dryAdjustment(temperature, humidity) + humidAdjustment(temperature, humidity)
}

function rothfusz(t: number, r: number): number {
  const linear = -42.379 + 2.04901523 * t + 10.14333127 * r
  const quadratic = -0.22475541 * t * r - 0.00683783 * t * t - 0.05481717 * r * r
  const higher = 0.00122874 * t * t * r + 0.00085282 * t * r * r - 0.00000199 * t * t * r * r
  return linear + quadratic + higher
}

function dryAdjustment(temperature: number, humidity: number): number {
  if (humidity >= 13 || temperature < 80 || temperature > 112) return 0
  return ((13 - humidity) / 4) * Math.sqrt((17 - Math.abs(temperature - 95)) / 17)
}

function humidAdjustment(temperature: number, humidity: number): number {
  if (humidity <= 85 || temperature < 80 || temperature > 87) return 0
  return ((humidity - 85) / 10) * ((87 - temperature) / 5)
}

/** Magnus' formula over water, with the coefficients of WMO-No. 8, annex 4.B. */
const magnusSlope = 17.62
const magnusCelsius = 243.12

export function dewPoint(celsius: number, humidityPercent: number): ClimateValue {
  const reason = flagOf(celsius, humidityPercent)
  if (reason !== undefined) return { kind: 'flagged', reason }
  const exponent = Math.log(humidityPercent / 100) + (magnusSlope * celsius) / (magnusCelsius + celsius)
  return { kind: 'value', celsius: (magnusCelsius * exponent) / (magnusSlope - exponent) }
}
