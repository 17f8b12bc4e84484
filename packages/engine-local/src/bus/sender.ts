/**
 * One direction of a link: frames gather while the write before them is under way, and leave once in a turn of the
 * event loop. Two buffers take turns, so that nothing is copied twice and nothing waits outside of the bound.
 */
import type { Socket } from 'node:net'
import { FrameGatherer, frameBytes } from '@hawser/engine'

/** So much is written at once, without waiting for the end of the turn. */
const eagerBytes = 64 << 10

export class Sender {
  readonly #socket: Socket
  readonly #queueBytesMax: number
  #gathering = new FrameGatherer()
  #writing = new FrameGatherer()
  #isWriting = false
  #isScheduled = false
  #onDrained: (() => void) | undefined

  constructor(socket: Socket, queueBytesMax: number) {
    this.#socket = socket
    this.#queueBytesMax = queueBytesMax
  }

  send(channel: string, bytes: Uint8Array): boolean {
    const frame = frameBytes(channel, bytes)
    if (!this.#socket.writable || this.#writing.bytes + this.#gathering.bytes + frame > this.#queueBytesMax)
      return false
    this.#gathering.add(channel, bytes, frame)
    if (this.#isWriting) return true
    if (this.#gathering.bytes >= eagerBytes) this.#flush()
    else if (!this.#isScheduled) {
      this.#isScheduled = true
      setImmediate(this.#flushScheduled)
    }
    return true
  }

  /** Resolves once all is written, or cannot be any more. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#onDrained = resolve
      if (!this.#isWriting) this.#flush()
    })
  }

  readonly #flushScheduled = (): void => {
    this.#isScheduled = false
    if (!this.#isWriting) this.#flush()
  }

  #flush(): void {
    if (this.#gathering.bytes === 0 || !this.#socket.writable) {
      this.#onDrained?.()
      return
    }
    const gathered = this.#gathering
    this.#gathering = this.#writing
    this.#writing = gathered
    this.#isWriting = true
    // An error closes the socket, which the link hears of.
    this.#socket.write(gathered.gathered(), this.#written)
  }

  readonly #written = (): void => {
    this.#writing.reset()
    this.#isWriting = false
    this.#flush()
  }
}
