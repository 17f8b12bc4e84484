/** Derives heat index and dew point from the sensors' messages, and publishes them retained. */
import { type Climate, ClimateJoin, climateInputs } from '../model/climate-join.ts'
import type { Qos, Received } from './broker-connection.ts'
import { brokerOutlet, type OutletOptions, type PartContext, printingOutlet, throwIfFailed } from './outlet.ts'
import { untilAborted } from './until-aborted.ts'

export interface ProcessorOptions extends OutletOptions {
  /** What to subscribe to; the last level of a message's topic says which of the two it is. */
  readonly subscribe: readonly string[]
  /** Topic of the derived values; `{id}` stands for `heat_index` and `dew_point`. */
  readonly topic: string
}

const subscribeQos: Qos = 1

export async function runProcessor(options: ProcessorOptions, climate: Climate, context: PartContext): Promise<void> {
  await using broker = brokerOutlet(options, context)
  const outlet = context.dryRun ? printingOutlet(context) : broker
  const join = new ClimateJoin(climate)
  const onMessage = ({ topic, payload, retain }: Received): void => {
    // A retained value is the sensor's last, however old: no reading.
    const input = climateInputs.find((name) => topic.split('/').at(-1) === name)
    if (retain || input === undefined) return
    const text = payload.toString().trim()
    const value = text === '' ? Number.NaN : Number(text)
    if (!Number.isFinite(value)) {
      context.log(`${options.id}: "${text.slice(0, 40)}" on ${topic} is no number`)
      return
    }
    for (const [output, derived] of join.add(input, value, context.clock.wallMicros())) {
      outlet.publish(options.topic.replaceAll('{id}', output), derived)
    }
  }
  for (const filter of options.subscribe) broker.connection.subscribe(filter, subscribeQos, onMessage)
  await untilAborted(broker.ended)
  throwIfFailed(broker.ended)
}
