/**
 * Lets the others know that we live, and tells who does not. Silence is counted in our own beats: a process that was
 * held up itself must not take the others for dead when it goes on.
 */
import type { PeerId } from '@hawser/engine'
import { type Clock, type Milliseconds, milliseconds } from '@hawser/std'
import type { LocalBus } from '../bus/local-bus.ts'

const channel = 'hawser-alive'
const beatsPerSilence = 5
const nothing = new Uint8Array(0)

export interface PulseOptions {
  readonly bus: LocalBus
  readonly clock: Clock
  readonly silentMsMax: Milliseconds
  /** Called again with each beat while it lasts. */
  readonly onSilent: (peer: PeerId) => void
  readonly onBeat: () => void
}

interface Heard {
  readonly signs: number
  /** Beats since they last changed. */
  readonly beats: number
}

export class Pulse implements Disposable {
  readonly #options: PulseOptions
  readonly #heard = new Map<PeerId, Heard>()
  #timer: Disposable

  constructor(options: PulseOptions) {
    this.#options = options
    this.#timer = this.#next()
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]()
  }

  #next(): Disposable {
    const { clock, silentMsMax } = this.#options
    return clock.after(milliseconds(silentMsMax / beatsPerSilence), () => {
      this.#timer = this.#next()
      this.#beat()
    })
  }

  #beat(): void {
    const { bus, onSilent, onBeat } = this.#options
    const peers = bus.peers()
    bus.broadcast(channel, nothing)
    for (const peer of peers) {
      const signs = bus.signsOfLife(peer)
      const before = this.#heard.get(peer)
      const beats = before?.signs === signs ? before.beats + 1 : 0
      this.#heard.set(peer, { signs, beats })
      if (beats >= beatsPerSilence) onSilent(peer)
    }
    for (const peer of this.#heard.keys()) if (!peers.includes(peer)) this.#heard.delete(peer)
    onBeat()
  }
}
