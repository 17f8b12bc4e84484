/** What a case is given: connections to its target, and names that no other case has. */
import { randomBytes } from 'node:crypto'
import type { ManualClock } from '@hawser/std/testing'
import { type Ending, Peer } from './peer/peer.ts'
import { type ConnectOptions, connectPacket } from './peer/shorthand.ts'
import { connackOf } from './peer/views.ts'
import { WebSocketPeer } from './peer/web-socket.ts'
import type { Version } from './statements/statement.ts'
import type { Target } from './target/target.ts'

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

const runName = `h${randomBytes(3).toString('hex')}`
let names = 0

export function stageOf(
  { address, webSocketAddress, impatient }: Target,
  version: Version,
  clock: ManualClock | undefined,
  opened: (peer: { destroy(): void }) => void,
  signal: AbortSignal,
): Stage {
  const name = `${runName}x${names++}`
  let clients = 0
  const open = async (): Promise<Peer> => {
    signal.throwIfAborted()
    const peer = await Peer.open(address.host, address.port, { version, signal, impatient })
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
      signal.addEventListener('abort', () => peer.destroy(), { once: true })
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
