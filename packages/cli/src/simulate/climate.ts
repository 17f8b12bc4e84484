/** The formulas of the streams package, as the simulated processor takes them. */
import type { Climate } from '@hawser/simulate'
import { type ClimateValue, celsiusText, dewPoint, heatIndex } from '@hawser/streams'

const textOf = (value: ClimateValue): string | undefined =>
  value.kind === 'value' ? celsiusText(value.celsius) : undefined

export const climate: Climate = {
  heatIndexText: (celsius, humidityPercent) => textOf(heatIndex(celsius, humidityPercent)),
  dewPointText: (celsius, humidityPercent) => textOf(dewPoint(celsius, humidityPercent)),
}
