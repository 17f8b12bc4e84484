/** A broker as configured, over an engine. */
import { type AccessControl, type Broker, createBroker, type ListenerOptions } from '@hawser/broker'
import type { Cursor } from '@hawser/engine'
import { disposable, milliseconds } from '@hawser/std'
import type { Configuration } from '../config/configuration.ts'
import type { Engine, EngineContext } from './engine.ts'

export function openBroker(
  { listeners, limits, mqtt }: Configuration,
  { log, state }: Engine,
  { clock, random, logger }: EngineContext,
  access: AccessControl,
  recordFilters: readonly string[],
): Promise<Broker> {
  const doors: readonly ListenerOptions[] = [
    { protocol: 'mqtt', name: 'mqtt', host: listeners.mqtt.host, port: listeners.mqtt.port },
    { protocol: 'ws', name: 'ws', host: listeners.ws.host, port: listeners.ws.port },
  ]
  const onFault = (what: string, error: unknown): void =>
    logger.error(`${what}: ${error instanceof Error ? error.message : String(error)}`)
  const protocol = mqtt
  return createBroker({ log, state, clock, random, access, listeners: doors, limits, protocol, recordFilters, onFault })
}

const floorEveryMs = milliseconds(5_000)

/** Tells the log, every few seconds, what no reader needs any more. */
export function keepFloor({ log }: Engine, { clock }: EngineContext, lowest: () => Cursor): Disposable {
  let timer: Disposable
  const arm = (): void => {
    timer = clock.after(floorEveryMs, () => {
      log.setFloor(lowest())
      arm()
    })
  }
  arm()
  return disposable(() => timer[Symbol.dispose]())
}
