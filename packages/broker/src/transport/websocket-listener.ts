/**
 * The WebSocket door. HTTP, TLS and the WebSocket library cost more memory than the whole broker, so they are loaded by
 * the first connection: a door that nobody uses is a listening socket.
 */
import net, { type Socket } from 'node:net'
import { listening } from './tcp-listener.ts'
import type { Accept, Listener } from './transport.ts'
import type { WebSocketDoor } from './websocket-server.ts'

export interface WebSocketListenerOptions {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly packetBytesMax: number
  /** Whether a browser page of this origin may connect; clients that are no browsers send none. */
  readonly originAllowed: (origin: string, host: string) => boolean
}

export async function listenWebSocket(options: WebSocketListenerOptions, accept: Accept): Promise<Listener> {
  const waiting = new Set<Socket>()
  let opening: Promise<WebSocketDoor> | undefined
  const open = async (): Promise<WebSocketDoor> => {
    const { openWebSocketDoor } = await import('./websocket-server.ts')
    return openWebSocketDoor(options, accept)
  }
  const handOver = async (socket: Socket): Promise<void> => {
    opening ??= open()
    const door = await opening
    socket.off('error', destroy)
    if (waiting.delete(socket)) door.take(socket)
  }
  const server = net.createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    waiting.add(socket)
    socket.on('error', destroy)
    socket.once('close', () => waiting.delete(socket))
    handOver(socket).catch(() => socket.destroy())
  })
  await listening(server, options)
  const address = server.address()
  return {
    name: options.name,
    protocol: 'ws',
    host: options.host,
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of waiting) socket.destroy()
      const door = await opening
      door?.[Symbol.dispose]()
    },
  }
}

function destroy(this: Socket): void {
  this.destroy()
}
