/** Transports whose connection is over: a peer that reads nothing, or never closes, would keep its own open for ever. */
import type { Transport } from './transport.ts'

export interface ClosingLimits {
  readonly closeMsMax: number
  readonly closingMax: number
}

export class ClosingTransports {
  /** Since when, oldest first. */
  readonly #since = new Map<Transport, number>()

  add(transport: Transport, nowMs: number, { closingMax }: ClosingLimits): void {
    this.#since.set(transport, nowMs)
    if (this.#since.size <= closingMax) return
    for (const oldest of this.#since.keys()) return this.#destroy(oldest)
  }

  /** It has closed. */
  delete(transport: Transport): void {
    this.#since.delete(transport)
  }

  tick(nowMs: number, { closeMsMax }: ClosingLimits): void {
    for (const [transport, sinceMs] of this.#since) {
      if (nowMs - sinceMs < closeMsMax) return
      this.#destroy(transport)
    }
  }

  #destroy(transport: Transport): void {
    this.#since.delete(transport)
    transport.destroy()
  }
}
