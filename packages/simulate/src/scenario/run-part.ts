/** Runs one part until its signal aborts, its clients were told to stop, or one of them fails. */
import { seededRandom } from '@hawser/std'
import type { Climate } from '../model/climate-join.ts'
import type { PartContext } from '../runtime/outlet.ts'
import { runDevice } from '../runtime/run-device.ts'
import { runProcessor } from '../runtime/run-processor.ts'
import { runSubscriber } from '../runtime/run-subscriber.ts'
import { type DeviceKind, startDeviceOfKind } from './device-kinds.ts'
import type { DeviceOptions, ScenarioPart } from './part.ts'

export interface RunPartContext extends PartContext {
  readonly climate: Climate
}

export async function runPart(part: ScenarioPart, context: RunPartContext): Promise<void> {
  switch (part.kind) {
    case 'processor':
      return runProcessor(part.options, context.climate, context)
    case 'subscriber':
      return runSubscriber(part.options, context)
    case 'sine':
    case 'temperature':
    case 'humidity':
    case 'machine':
    case 'vehicle':
      return runDevices(part.kind, part.options, context)
    default:
      throw part satisfies never
  }
}

async function runDevices(kind: DeviceKind, options: DeviceOptions, context: PartContext): Promise<void> {
  const { ids, topic: topicPattern, machine, ...common } = options
  const failed = new AbortController()
  const signal = AbortSignal.any([context.signal, failed.signal])
  // A generator for each, so that a device reads the same whatever the number of devices beside it.
  const running = ids.map((id) => {
    const random = seededRandom(context.random.integer(2 ** 32))
    const topic = topicPattern.replaceAll('{id}', id).replaceAll('{machine_id}', id)
    const device = startDeviceOfKind(kind, id, topic, random, machine === undefined ? {} : { machine })
    const jitter = seededRandom(context.random.integer(2 ** 32))
    return runDevice(device, { ...common, id }, { ...context, random: jitter, signal }).catch((error: unknown) => {
      failed.abort()
      throw error
    })
  })
  const failure = (await Promise.allSettled(running)).find((outcome) => outcome.status === 'rejected')
  if (failure !== undefined) throw failure.reason
}
