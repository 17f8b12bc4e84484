/** The test's side of `obedient-part.ts`: waits for its words and gives it orders. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

export interface PartLine {
  readonly name: string
  readonly pid: number
  say(order: string): void
  /** Resolves with the next line that matches. */
  hears(pattern: RegExp): Promise<string>
  readonly gone: Promise<void>
}

export interface PartDesk extends AsyncDisposable {
  readonly port: number
  /** The next part that says hello. */
  next(): Promise<PartLine>
}

export async function partDesk(): Promise<PartDesk> {
  const server = createServer().listen(0, '127.0.0.1')
  const sockets = new Set<Socket>()
  await once(server, 'listening')
  const arrived: PartLine[] = []
  const waiting: ((line: PartLine) => void)[] = []
  server.on('connection', (socket) => {
    sockets.add(socket)
    // A part that is killed resets its connection: `gone` says so.
    socket.on('error', () => {})
    void greet(socket).then((line) => {
      const waiter = waiting.shift()
      if (waiter === undefined) arrived.push(line)
      else waiter(line)
    })
  })
  return {
    port: (server.address() as AddressInfo).port,
    next: () => {
      const line = arrived.shift()
      return line === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(line)
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

async function greet(socket: Socket): Promise<PartLine> {
  const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const heard: string[] = []
  const listeners = new Set<() => void>()
  const lines = createInterface({ input: socket })
  // The interface repeats the socket's errors.
  lines.on('error', () => {})
  lines.on('line', (line) => {
    heard.push(line)
    for (const listener of listeners) listener()
  })
  const hears = (pattern: RegExp): Promise<string> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = heard.findIndex((line) => pattern.test(line))
        if (found < 0) return
        listeners.delete(look)
        resolve(heard.splice(0, found + 1).at(-1) ?? '')
      }
      listeners.add(look)
      look()
    })
  const [, name = '', pid] = (await hears(/^hello /)).split(' ')
  return { name, pid: Number(pid), say: (order) => socket.write(`${order}\n`), hears, gone }
}
