/** Where a simulated client's messages go: to a broker, or printed when nothing is to be published. */
import { type Clock, HawserError, type Random } from '@hawser/std'
import { BrokerConnection, type Log, type Qos } from './broker-connection.ts'

/** What a part is given by whoever starts it. */
export interface PartContext {
  readonly url: string
  readonly protocolVersion?: 4 | 5
  readonly clock: Clock
  readonly random: Random
  /** Ends the part cleanly. */
  readonly signal: AbortSignal
  /** What happens to the part, one line at a time. */
  readonly log: Log
  /** The part's own output: what a subscriber prints, and every message of a dry run. Default: `log`. */
  readonly print?: (line: string) => void
  /** Print what would be published. */
  readonly dryRun?: boolean
}

export interface PublishOptions {
  readonly qos: Qos
  readonly retain: boolean
}

export interface OutletOptions extends PublishOptions {
  /** Names the client in messages, and in its feedback topic. */
  readonly id: string
  readonly clientId?: string | undefined
  readonly feedbackTopic?: string | undefined
}

export interface Outlet extends AsyncDisposable {
  /** Aborts when the client is to end; with a `HawserError` as its reason where it failed. */
  readonly ended: AbortSignal
  /** Resolves once messages can be sent; false when the client was ended before. */
  connected(): Promise<boolean>
  publish(topic: string, payload: string): void
}

export const feedbackTopicOf = (id: string): string => `feedback/${id}`

const stopCommand = 'stop'

/** A client id of its own for every run: two simulators beside each other must not take each other's session. */
export function clientIdOf(options: Pick<OutletOptions, 'id' | 'clientId'>, random: Random): string {
  const pattern = options.clientId ?? `{id}-${random.integer(0x10000).toString(16).padStart(4, '0')}`
  return pattern.replaceAll('{id}', options.id)
}

export interface BrokerOutlet extends Outlet {
  readonly connection: BrokerConnection
}

/** Opens the connection, and obeys `stop` on the feedback topic. */
export function brokerOutlet(options: OutletOptions, context: PartContext): BrokerOutlet {
  const { url, clock, random, log, protocolVersion } = context
  const clientId = clientIdOf(options, random)
  const connection = new BrokerConnection({ url, clientId, clock, random, log, protocolVersion })
  const stopped = new AbortController()
  const ended = AbortSignal.any([context.signal, connection.failed, stopped.signal])
  const feedbackTopic = (options.feedbackTopic ?? feedbackTopicOf(options.id)).replaceAll('{id}', options.id)
  connection.subscribe(feedbackTopic, 1, ({ payload, retain }) => {
    // A retained command is one of an earlier day.
    if (retain || payload.toString().trim().toLowerCase() !== stopCommand) return
    log(`${options.id}: stop received on ${feedbackTopic}`)
    stopped.abort()
  })
  return {
    ended,
    connection,
    connected: () => connection.connected(ended),
    publish: (topic, payload) => connection.publish(topic, payload, options.qos, options.retain),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  }
}

export function printingOutlet(context: PartContext): Outlet {
  const print = context.print ?? context.log
  return {
    ended: context.signal,
    connected: () => Promise.resolve(!context.signal.aborted),
    publish: (topic, payload) => print(`${topic} ${payload}`),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

/** For the end of a client: an abort is an end like any other, unless the client failed. */
export function throwIfFailed(ended: AbortSignal): void {
  if (ended.reason instanceof HawserError) throw ended.reason
}
