/** Prints every message of its topics, as `mosquitto_sub -v` does. */
import { brokerOutlet, type OutletOptions, type PartContext, throwIfFailed } from './outlet.ts'
import { untilAborted } from './until-aborted.ts'

export interface SubscriberOptions extends OutletOptions {
  readonly subscribe: readonly string[]
}

export async function runSubscriber(options: SubscriberOptions, context: PartContext): Promise<void> {
  await using broker = brokerOutlet(options, context)
  const print = context.print ?? context.log
  for (const filter of options.subscribe) {
    broker.connection.subscribe(filter, options.qos, ({ topic, payload }) => print(`${topic} ${payload.toString()}`))
  }
  await untilAborted(broker.ended)
  throwIfFailed(broker.ended)
}
