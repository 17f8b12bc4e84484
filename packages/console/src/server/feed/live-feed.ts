/**
 * Takes a snapshot every second, keeps the rates of the last minutes and pushes each snapshot to the pages that watch.
 * A page that reads too slowly gets fewer frames: none is ever queued for it.
 */
import type { WebSocket } from '@fastify/websocket'
import type { History, HistoryPoint, LiveMessage } from '@hawser/admin'
import { type Clock, milliseconds } from '@hawser/std'
import { historyPoint, ratesBetween, type Sample } from './rates.ts'

const periodMs = milliseconds(1_000)
/** A snapshot that takes longer is told to the pages as unavailable. */
const snapshotMsMax = 3_000
const historyPointsMax = 900
/** More unsent bytes than this, and the page's next frame is skipped. */
const unsentBytesMax = 256 * 1024
export const watchersMax = 64
/** A page that answers no ping for so many frames is gone. */
const pingEveryFrames = 15

export interface LiveFeedOptions {
  readonly snapshot: () => Promise<Sample['snapshot']>
  readonly clock: Clock
  readonly report: (error: unknown) => void
}

export class LiveFeed implements Disposable {
  readonly #options: LiveFeedOptions
  readonly #watchers = new Map<WebSocket, { answered: boolean }>()
  readonly #history: HistoryPoint[] = []
  #last: Sample | undefined
  #lastText: string | undefined
  #sequence = 0
  #ticks = 0
  #skipped = 0
  #samplingSinceMs: number | undefined
  #failure: string | undefined
  #timer: Disposable

  constructor(options: LiveFeedOptions) {
    this.#options = options
    this.#timer = options.clock.after(periodMs, () => this.#tick())
    void this.#sample()
  }

  get watchers(): number {
    return this.#watchers.size
  }

  get framesSkipped(): number {
    return this.#skipped
  }

  get history(): History {
    return { points: [...this.#history] }
  }

  watch(socket: WebSocket): void {
    if (this.#watchers.size >= watchersMax) {
      socket.close(1013, 'too many pages are open')
      return
    }
    const watcher = { answered: true }
    this.#watchers.set(socket, watcher)
    socket.on('pong', () => {
      watcher.answered = true
    })
    socket.on('close', () => this.#watchers.delete(socket))
    if (this.#lastText !== undefined) this.#send(socket, this.#lastText)
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]()
    for (const socket of this.#watchers.keys()) socket.terminate()
    this.#watchers.clear()
  }

  #tick(): void {
    const { clock } = this.#options
    this.#timer = clock.after(periodMs, () => this.#tick())
    if (++this.#ticks % pingEveryFrames === 0) this.#ping()
    if (this.#samplingSinceMs === undefined) void this.#sample()
    else if (clock.monotonicMs() - this.#samplingSinceMs > snapshotMsMax) this.#unavailable('it does not answer')
  }

  async #sample(): Promise<void> {
    const { clock, snapshot, report } = this.#options
    this.#samplingSinceMs = clock.monotonicMs()
    try {
      this.#frame({ snapshot: await snapshot(), atMonotonicMs: clock.monotonicMs() })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      // Once for each outage, not once a second.
      if (reason !== this.#failure) report(error)
      this.#failure = reason
      this.#unavailable(reason)
    } finally {
      this.#samplingSinceMs = undefined
    }
  }

  #frame(sample: Sample): void {
    this.#failure = undefined
    const before = this.#last
    this.#last = sample
    // The first one has no rates: it is what the second is compared with, not a second of silence.
    if (before === undefined) return
    const rates = ratesBetween(before, sample)
    this.#history.push(historyPoint(sample.snapshot, rates))
    if (this.#history.length > historyPointsMax) this.#history.shift()
    this.#broadcast({ kind: 'frame', sequence: this.#sequence++, snapshot: sample.snapshot, rates })
  }

  #unavailable(reason: string): void {
    this.#broadcast({ kind: 'unavailable', atMs: Math.floor(this.#options.clock.wallMicros() / 1000), reason })
  }

  #broadcast(message: LiveMessage): void {
    this.#lastText = JSON.stringify(message)
    for (const socket of this.#watchers.keys()) this.#send(socket, this.#lastText)
  }

  #send(socket: WebSocket, text: string): void {
    if (socket.bufferedAmount <= unsentBytesMax) socket.send(text)
    else this.#skipped++
  }

  #ping(): void {
    for (const [socket, watcher] of this.#watchers) {
      if (!watcher.answered) {
        socket.terminate()
        continue
      }
      watcher.answered = false
      socket.ping()
    }
  }
}
