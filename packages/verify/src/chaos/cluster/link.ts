/** A way to a server, of our own: when it is cut nothing comes through, and nobody is told, as in a network. */
import { once } from 'node:events'
import { type AddressInfo, createServer, connect as dial, type Server, type Socket } from 'node:net'

export class Link implements AsyncDisposable {
  readonly #server: Server
  readonly #target: number
  readonly #sockets = new Set<Socket>()
  #isCut = false

  private constructor(target: number) {
    this.#target = target
    this.#server = createServer({ noDelay: true }, (near) => this.#join(near))
  }

  static async open(target: number): Promise<Link> {
    const link = new Link(target)
    link.#server.listen(0, '127.0.0.1')
    await once(link.#server, 'listening')
    return link
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  cut(): void {
    this.#isCut = true
    for (const socket of this.#sockets) socket.pause()
  }

  /** What has been under way comes now, as TCP would send it again. */
  mend(): void {
    this.#isCut = false
    for (const socket of this.#sockets) socket.resume()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    const closed = once(this.#server, 'close')
    this.#server.close()
    await closed
  }

  #join(near: Socket): void {
    const far = dial({ port: this.#target, host: '127.0.0.1', noDelay: true })
    this.#carry(near, far)
    this.#carry(far, near)
  }

  #carry(from: Socket, to: Socket): void {
    this.#sockets.add(from)
    from
      .on('data', (chunk: Buffer) => {
        if (to.write(chunk)) return
        from.pause()
        to.once('drain', () => {
          if (!this.#isCut) from.resume()
        })
      })
      .on('error', () => undefined)
      .on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
    if (this.#isCut) from.pause()
  }
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
