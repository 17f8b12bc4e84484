/** A way to a server that can be cut and mended, while the server itself goes on. */
import { once } from 'node:events'
import { createServer, connect as dial, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import { milliseconds, systemClock } from '@hawser/std'
import { freePort } from './free-port.ts'

export interface TcpProxy extends AsyncDisposable {
  readonly port: number
  cut(): Promise<void>
  mend(): Promise<void>
  /** Towards the server, of each connection, from now on. */
  slow(bytesPerSecond: number): void
}

export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const port = await freePort()
  const sockets = new Set<Socket>()
  let bytesPerSecondMax = Number.POSITIVE_INFINITY
  const brake = (): Transform =>
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        const waitMs = milliseconds((chunk.length / bytesPerSecondMax) * 1000)
        if (waitMs === 0) done(null, chunk)
        else systemClock.after(waitMs, () => done(null, chunk))
      },
    })
  const track = (socket: Socket, other: Socket): void => {
    sockets.add(socket)
    // Whoever loses its half loses both.
    socket
      .on('error', () => undefined)
      .on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
  }
  const server = createServer((near) => {
    const far = dial(target, '127.0.0.1')
    track(near, far)
    track(far, near)
    near.pipe(brake()).pipe(far)
    far.pipe(near)
  })
  const proxy: TcpProxy = {
    port,
    async mend() {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
    slow(bytesPerSecond) {
      bytesPerSecondMax = bytesPerSecond
    },
    async cut() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
    async [Symbol.asyncDispose]() {
      if (server.listening) await proxy.cut()
    },
  }
  await proxy.mend()
  return proxy
}
