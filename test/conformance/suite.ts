/**
 * How a case is declared. Its title bears every statement that it tests, each with its version:
 *
 *     conformance('v5', 'CONNECT', (test) => {
 *       test('v5 [MQTT-3.1.0-2] a second CONNECT ends the connection', async ({ connect }) => {
 *         const peer = await connect()
 *         peer.send(mqtt`10 __ "MQTT" 05 02 0000 {} ""`)
 *         await peer.closes(0x82)
 *       })
 *     })
 *
 * The cases of a file run at the same time on one broker: every name in a case is made from `stage.name`.
 */
import { randomBytes } from 'node:crypto'
import { after, before, describe, it, type TestContext } from 'node:test'
import { ManualClock } from '@hawser/std/testing'
import type { UnderTestOptions } from '../../packages/broker/src/testing/broker-under-test.ts'
import { type Ending, Peer } from './peer/peer.ts'
import { type ConnectOptions, connectPacket } from './peer/shorthand.ts'
import { connackOf } from './peer/views.ts'
import { WebSocketPeer } from './peer/web-socket.ts'
import type { Version } from './statements/statement.ts'
import { foreignTarget, hasWebSocket, openTarget, ownTarget, patienceMs, type Target } from './target/target.ts'

export interface Stage {
  readonly version: Version
  /** Letters and digits that no other case has: for client ids and for the first level of topics. */
  readonly name: string
  /** A connection on which nothing was sent yet. */
  open(): Promise<Peer>
  /** Connects, and fails where it is refused. Without `clientId` the client id is a new one each time. */
  connect(options?: ConnectOptions): Promise<Peer>
  /** Sends bytes as the first of a connection, which the server must close. */
  refuses(bytes: Uint8Array, ...codes: readonly number[]): Promise<Ending>
  /** Sends bytes on a connection that CONNACK has accepted, which the server must close. */
  breaks(bytes: Uint8Array, ...codes: readonly number[]): Promise<Ending>
  /** A WebSocket, asked for with these subprotocols; for cases declared with `'webSocket'`. */
  openWebSocket(subprotocols: string | undefined): Promise<WebSocketPeer>
  /** Moves the clock of a broker that has one by hand. */
  passSeconds(seconds: number): Promise<void>
}

export type Case = (stage: Stage) => Promise<void>

/** A broker of the case's own, where the suite's own broker is not enough: skipped on a foreign target. */
export interface OwnBroker extends UnderTestOptions {
  readonly clock?: ManualClock
}

/** What a case needs beside the suite's own broker, so that it is skipped where there is none. */
export type Setting = 'webSocket' | (() => OwnBroker)

export interface Declare {
  (title: string, run: Case): void
  (title: string, setting: Setting, run: Case): void
}

const concurrency = 16

export function conformance(version: Version, title: string, define: (test: Declare) => void): void {
  describe(`${version} ${title}`, { concurrency }, () => {
    let shared: Target
    before(async () => {
      shared = await openTarget()
    })
    after(() => shared[Symbol.asyncDispose]())
    define((title: string, ...rest: [Case] | [Setting, Case]) => {
      const [setting, run] = rest.length === 1 ? [undefined, rest[0]] : rest
      const own = typeof setting === 'function' ? setting : undefined
      const options = { timeout: patienceMs, skip: lacking(setting) }
      it(title, options, (context) => perform(context, version, own?.(), () => shared, run))
    })
  })
}

function lacking(setting: Setting | undefined): string | false {
  if (setting === 'webSocket') return hasWebSocket() ? false : 'needs --ws host:port'
  return setting !== undefined && foreignTarget() !== undefined ? 'needs a Hawser of its own' : false
}

async function perform(
  context: TestContext,
  version: Version,
  own: OwnBroker | undefined,
  shared: () => Target,
  run: Case,
): Promise<void> {
  const resources = new AsyncDisposableStack()
  context.after(() => resources.disposeAsync())
  const target = own === undefined ? shared() : resources.use(await ownTarget(own))
  await run(stageOf(target, version, own?.clock, (peer) => resources.defer(() => peer.destroy()), context.signal))
}

const runName = `h${randomBytes(3).toString('hex')}`
let names = 0

function stageOf(
  { address, webSocketAddress }: Target,
  version: Version,
  clock: ManualClock | undefined,
  opened: (peer: { destroy(): void }) => void,
  signal: AbortSignal,
): Stage {
  const name = `${runName}x${names++}`
  let clients = 0
  const open = async (): Promise<Peer> => {
    signal.throwIfAborted()
    const peer = await Peer.open(address.host, address.port, version, signal)
    opened(peer)
    return peer
  }
  const connect = async (options: ConnectOptions = {}): Promise<Peer> => {
    const peer = await open()
    peer.send(connectPacket(version, options.clientId ?? `${name}c${clients++}`, options))
    peer.connack = connackOf(await peer.expect('CONNACK'))
    if (peer.connack.code !== 0) throw new Error(`CONNECT was refused with ${peer.connack.code}`)
    return peer
  }
  const closedAfter = (peer: Peer, bytes: Uint8Array, codes: readonly number[]): Promise<Ending> => {
    peer.send(bytes)
    return peer.closes(...codes)
  }
  return {
    version,
    name,
    async openWebSocket(subprotocols) {
      if (webSocketAddress === undefined) throw new Error("declare the case with 'webSocket'")
      // A case that has run out of time goes on where its waiting ended: what it opens then nobody would close.
      signal.throwIfAborted()
      const peer = await WebSocketPeer.open(webSocketAddress.host, webSocketAddress.port, subprotocols)
      opened(peer)
      return peer
    },
    open,
    connect,
    refuses: async (bytes, ...codes) => closedAfter(await open(), bytes, codes),
    breaks: async (bytes, ...codes) => closedAfter(await connect(), bytes, codes),
    async passSeconds(seconds) {
      if (clock === undefined) throw new Error('this broker has no clock by hand')
      for (let second = 0; second < seconds; second++) {
        clock.advance(1_000)
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}

/** A broker whose clock stands until `passSeconds`. */
export const ownClock =
  (options: UnderTestOptions = {}) =>
  (): OwnBroker => ({ ...options, clock: new ManualClock() })
