/** A TCP proxy that breaks its connections: what is on the way in either direction is lost. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface CuttingProxy extends AsyncDisposable {
  readonly url: string
  /** How many connections were broken. */
  readonly cuts: number
}

/** Breaks each connection after so many bytes, counted from its start in both directions together. */
export async function startCuttingProxy(port: number, bytesUntilCut: () => number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>()
  let cuts = 0
  const server = createServer((client) => {
    const broker = connect(port, '127.0.0.1')
    let left = bytesUntilCut()
    const forward = (to: Socket) => (chunk: Buffer) => {
      // A part of the chunk arrives: a packet may be torn.
      if (left > 0) to.write(chunk.subarray(0, left))
      left -= chunk.length
      if (left > 0) return
      cuts += 1
      client.destroy()
      broker.destroy()
    }
    client.on('data', forward(broker))
    broker.on('data', forward(client))
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port')
  return {
    url: `mqtt://127.0.0.1:${address.port}`,
    get cuts() {
      return cuts
    },
    [Symbol.asyncDispose]: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
