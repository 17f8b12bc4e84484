/** What a broker is made with, and what can be asked of it and told to it while it runs. */
import type { Server } from 'node:net'
import type { Cursor, Members, MessageLog, StateStore } from '@hawser/engine'
import type { Clock, Random } from '@hawser/std'
import type { AccessControl } from './access.ts'
import type { Bans } from './bans/enforce.ts'
import type { ReloadAnswer } from './doors.ts'
import type { BrokerEventListener } from './events.ts'
import type { Hooks } from './hooks.ts'
import type { LocalPublish } from './inprocess/publish.ts'
import type { Subscription, SubscriptionOptions } from './inprocess/subscription.ts'
import type { Limits } from './limits/limits.ts'
import type { BrokerStats, ClientInfo } from './observe.ts'
import type { ProtocolOptions } from './protocol/options.ts'
import type { Tap } from './router/route.ts'
import type { SharedOptions } from './shared/groups.ts'
import type { TraceListener, TraceSelection } from './trace/traces.ts'
import type { AttachOptions } from './transport/attached-door.ts'
import type { ListenerOptions } from './transport/listener-options.ts'
import type { Listener, Transport, TransportHandler } from './transport/transport.ts'

export interface BrokerOptions {
  readonly log: MessageLog
  readonly state: StateStore
  /** The other processes of the same log; without it the broker is alone. */
  readonly members?: Members
  readonly clock: Clock
  readonly random: Random
  /** Of the host's boot; undefined: each start is taken for one of its own. */
  readonly bootId?: string | undefined
  /** Whether processes on other hosts have the same log and state; by default they have not. */
  readonly hosts?: 'one' | 'many'
  readonly listeners: readonly ListenerOptions[]
  /** Other processes of the same log listen at the same ports, and the system spreads clients over all of them. */
  readonly sharedPorts?: boolean
  readonly limits?: Partial<Limits>
  readonly protocol?: Partial<ProtocolOptions>
  readonly access?: AccessControl
  /** How shared subscriptions choose among their members. */
  readonly shared?: SharedOptions
  readonly hooks?: Hooks
  /** QoS 0 publishes on these topics go to the log too: connectors read them. */
  readonly recordFilters?: readonly string[]
  /** QoS 1 and 2 on these topics need not survive the process: they go to the log's `volatile`, which must be there. */
  readonly memoryFilters?: readonly string[]
  readonly version?: string
  /** How often `$SYS` is written; 0: never. */
  readonly systemTopicSeconds?: number
  /** Whether a web page of this origin may connect by WebSocket, where its listener names no origins. */
  readonly originAllowed?: (origin: string, host: string) => boolean
  /** What ends with the broker, after it: an engine that nobody else owns. */
  readonly owns?: AsyncDisposable
  /** Free space where the log is; without it no watermark is looked at. */
  readonly freeBytes?: () => Promise<number>
  /** The free space has fallen below its watermark, or is above it again. */
  readonly onDisk?: (low: boolean, freeBytes: number) => void
  /** What went wrong and did not stop the broker. */
  readonly onFault?: (message: string, error: unknown) => void
}

export type BrokerChanges = Partial<Pick<BrokerOptions, 'listeners' | 'limits' | 'protocol'>>

export interface Broker extends AsyncDisposable {
  readonly listeners: readonly Listener[]
  stats(): BrokerStats
  clients(): Iterable<ClientInfo>
  /**
   * Puts in force what can change while clients stay: certificates, revocation lists and rules of listeners, limits,
   * and what of the protocol is offered to connections to come. What is left out stays. Rejects where a part of it is bad; then everything is as it was.
   */
  reload(changes: BrokerChanges): Promise<ReloadAnswer>
  /** Who is not let in; they outlive the process. */
  readonly bans: Bans
  /** Ends a client's connection with 0x98; answers whether it had one. */
  kick(clientId: string): boolean
  /** Lets nobody in any more, and sends `rate` clients a second away; resolves once nobody is left. */
  drain(rate: number): Promise<void>
  publish(message: LocalPublish): Promise<boolean>
  tap(tap: Tap): Disposable
  /** MQTT on a server of this program's own: every connection of a TCP or TLS server, or a path of an HTTP server. */
  attach(server: Server, options: AttachOptions): Disposable
  /** A client on a transport of this program's own: from now on its bytes, and its end, are told to the handler. */
  accept(transport: Transport): TransportHandler
  /** What is published from now on, to this process: live, once, through a bounded queue. */
  subscribe(filter: string, options?: SubscriptionOptions): Subscription
  /** Tells what happens to clients, at once; the listener may not wait. */
  onEvent(listener: BrokerEventListener): Disposable
  /** Tells each packet in and out of the clients selected, in all processes, and what becomes of them, until disposed. */
  trace(selection: TraceSelection, listener: TraceListener): Disposable
  /** The lowest position that a session or shared subscription may still need, by partition: what lies below may go. */
  floor(): Cursor
}
