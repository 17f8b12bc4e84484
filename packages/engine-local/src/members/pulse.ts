/**
 * Lets the others know that we live, and tells who does not. Silence is counted in our own beats: a process that was
 * held up itself must not take the others for dead when it goes on. Nor is one dead that works and does not come to
 * beating: it starts, or the machine is busy. It is given more time, not for ever: it may turn in a loop.
 */
import type { PeerId } from '@hawser/engine'
import { type Clock, type Milliseconds, milliseconds } from '@hawser/std'
import type { LocalBus } from '../bus/local-bus.ts'
import type { ProcessActivity } from '../lock/process-identity.ts'

const channel = 'hawser-alive'
const beatsPerSilence = 5
/** So many times as long may one be silent that is at work, or starting. */
export const silencesWhileAtWork = 6
const nothing = new Uint8Array(0)

export interface PulseOptions {
  readonly bus: LocalBus
  readonly clock: Clock
  readonly silentMsMax: Milliseconds
  /** Undefined where it cannot be told. Asked of those that are silent. */
  readonly activityOf: (peer: PeerId) => ProcessActivity | undefined
  /** Called again with each beat while it lasts. */
  readonly onSilent: (peer: PeerId) => void
  readonly onBeat: () => void
}

interface Heard {
  readonly signs: number
  /** Beats since they last changed. */
  readonly beats: number
  /** When it was first missed. */
  readonly usedTicks: number | undefined
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
      const heard = this.#listenTo(peer)
      this.#heard.set(peer, heard)
      if (this.#isDead(peer, heard)) onSilent(peer)
    }
    for (const peer of this.#heard.keys()) if (!peers.includes(peer)) this.#heard.delete(peer)
    onBeat()
  }

  #listenTo(peer: PeerId): Heard {
    const { bus, activityOf } = this.#options
    const signs = bus.signsOfLife(peer)
    const before = this.#heard.get(peer)
    if (before?.signs !== signs) return { signs, beats: 0, usedTicks: undefined }
    return { signs, beats: before.beats + 1, usedTicks: before.usedTicks ?? activityOf(peer)?.usedTicks }
  }

  #isDead(peer: PeerId, { beats, usedTicks }: Heard): boolean {
    if (beats < beatsPerSilence) return false
    if (beats >= beatsPerSilence * silencesWhileAtWork) return true
    const activity = this.#options.activityOf(peer)
    return activity === undefined || !(activity.isAtWork || activity.usedTicks !== usedTicks)
  }
}
