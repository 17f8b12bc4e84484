/** The right of a process to write, on servers: once it is over they take nothing of it any more. */
import { HawserError } from '@hawser/std'
import type { PeerId } from '../bus.ts'

export class Lease {
  readonly #peer: PeerId
  isOver = false

  constructor(peer: PeerId) {
    this.#peer = peer
  }

  error(): HawserError {
    return new HawserError('NODE_FENCED', `${this.#peer} was silent for too long: others have taken over`)
  }

  mustHold(): void {
    if (this.isOver) throw this.error()
  }
}
