/** One device's loop: a reading each interval, until it is told to end. */
import { type Clock, type Milliseconds, milliseconds, sleep } from '@hawser/std'
import type { Device } from '../model/device-model.ts'
import { brokerOutlet, type OutletOptions, type PartContext, printingOutlet, throwIfFailed } from './outlet.ts'

export interface DeviceRunOptions extends OutletOptions {
  readonly intervalSeconds: number
  /** Ends by itself after this many readings. */
  readonly count?: number | undefined
}

export async function runDevice(device: Device, options: DeviceRunOptions, context: PartContext): Promise<void> {
  const { clock } = context
  await using outlet = context.dryRun ? printingOutlet(context) : brokerOutlet(options, context)
  const countMax = options.count ?? Number.POSITIVE_INFINITY
  const waitForNext = ticks(clock, milliseconds(options.intervalSeconds * 1000), outlet.ended)
  let going = await outlet.connected()
  for (let count = 1; going; count++) {
    const { topic, payload } = device.read(clock.wallMicros())
    outlet.publish(topic, payload)
    going = count < countMax && (await waitForNext())
  }
  throwIfFailed(outlet.ended)
}

/** Waits for the next multiple of the interval, so that late timers do not add up; false once ended. */
function ticks(clock: Clock, interval: Milliseconds, ended: AbortSignal): () => Promise<boolean> {
  let due = clock.monotonicMs()
  return async () => {
    const now = clock.monotonicMs()
    due = milliseconds(Math.max(due + interval, now))
    try {
      await sleep(clock, milliseconds(due - now), ended)
      return true
    } catch (error) {
      if (!ended.aborted) throw error
      return false
    }
  }
}
