/** Publishers of another make, at a steady rate, who note what they were told is safe. */
import { milliseconds, sleep, systemClock } from '@hawser/std'
import mqtt, { type MqttClient } from 'mqtt'

export interface LoadOptions {
  readonly port: number
  /** Messages a second, of all machines. */
  readonly rate: number
  readonly machines: number
}

export const machineName = (machine: number): string => `m-${machine}`

const tickMs = milliseconds(10)
/** While nobody answers, a publisher says no more than this. */
const unansweredMax = 2_000
const payloadBytes = 326

export class Load implements AsyncDisposable {
  readonly machines: number
  readonly #clients: readonly MqttClient[]
  readonly #safe: number[][]
  readonly #next: number[]
  readonly #rate: number
  readonly #settled = new EventTarget()
  #unanswered = 0
  readonly #end = new AbortController()

  constructor({ port, rate, machines }: LoadOptions) {
    this.machines = machines
    this.#rate = rate
    this.#safe = Array.from({ length: machines }, () => [])
    this.#next = Array.from({ length: machines }, () => 0)
    this.#clients = this.#safe.map((_, machine) =>
      mqtt.connect(`mqtt://127.0.0.1:${port}`, {
        ...{ clientId: machineName(machine), clean: false, reconnectPeriod: 50, protocolVersion: 4 },
      }),
    )
    for (const client of this.#clients) client.on('error', () => undefined)
  }

  /** Until it is stopped. */
  async run(): Promise<void> {
    const began = systemClock.monotonicMs()
    let said = 0
    while (!this.#end.signal.aborted) {
      const due = Math.floor(((systemClock.monotonicMs() - began) * this.#rate) / 1000)
      while (said < due) {
        // What it could not say in time it does not say later: the rate stays what it is.
        if (this.#unanswered < unansweredMax) this.#publish(said % this.machines)
        said++
      }
      await sleep(systemClock, tickMs)
    }
  }

  /** Says no more, and resolves once all that was said is answered. */
  async stop(): Promise<void> {
    this.#end.abort()
    while (this.#unanswered > 0) {
      await new Promise((resolve) => this.#settled.addEventListener('settled', resolve, { once: true }))
    }
  }

  *acknowledged(): Generator<{ readonly machine: number; readonly number: number }> {
    for (const [machine, numbers] of this.#safe.entries()) for (const number of numbers) yield { machine, number }
  }

  acknowledgedCount(): number {
    return this.#safe.reduce((sum, numbers) => sum + numbers.length, 0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort()
    for (const client of this.#clients) await client.endAsync(true)
  }

  #publish(machine: number): void {
    const number = this.#next[machine] ?? 0
    this.#next[machine] = number + 1
    this.#unanswered++
    const topic = `ledger/${machineName(machine)}/telemetry`
    this.#clients[machine]?.publish(topic, payloadOf(machine, number), { qos: 1 }, (error) => {
      // One that the client gave up may be there or not: nobody was told anything.
      if (!error) this.#safe[machine]?.push(number)
      if (--this.#unanswered === 0) this.#settled.dispatchEvent(new Event('settled'))
    })
  }
}

function payloadOf(machine: number, number: number): string {
  const head = `{"machine":"${machineName(machine)}","n":${number},"rest":"`
  return `${head.padEnd(payloadBytes - 2, '.')}"}`
}
