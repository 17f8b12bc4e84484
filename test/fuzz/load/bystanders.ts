/** Clients that do nothing but keep alive: they must stay, and be answered. */
import { type Clock, milliseconds } from '@hawser/std'
import { LoadClient, packet } from './client.ts'

export const bystanders = 10
const keepalive = 3
const pingMs = milliseconds(1_000)
const pingresp = 13
/** An answer may be late on a busy machine; it may not fail to come. */
const unansweredMax = 10

export class Bystanders implements AsyncDisposable {
  readonly complaints: string[] = []
  readonly #clients: readonly LoadClient[]
  readonly #clock: Clock
  #timer: Disposable | undefined
  #pings = 0

  private constructor(clients: readonly LoadClient[], clock: Clock) {
    this.#clients = clients
    this.#clock = clock
    for (const client of clients) {
      client.socket.on('close', () => {
        if (this.#timer !== undefined) this.complaints.push('the connection of one that keeps alive ended')
      })
    }
    this.#ping()
  }

  static async start(port: number, clock: Clock): Promise<Bystanders> {
    const clients = Array.from({ length: bystanders }, (_, index) =>
      LoadClient.connect(port, { clientId: `stands-by-${index}`, keepalive }),
    )
    return new Bystanders(await Promise.all(clients), clock)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
    for (const client of this.#clients) client.vanish()
  }

  #ping(): void {
    for (const client of this.#clients) {
      const unanswered = this.#pings - (client.received[pingresp] ?? 0)
      if (unanswered > unansweredMax) this.complaints.push(`${unanswered} pings were not answered`)
      client.say(packet({ cmd: 'pingreq' }))
    }
    this.#pings++
    this.#timer = this.#clock.after(pingMs, () => this.#ping())
  }
}
