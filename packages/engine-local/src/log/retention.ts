/** Deletes the oldest segments once nobody needs them any more and they are too old or too many. */

import { rm } from 'node:fs/promises'
import type { RetentionLimits } from '@hawser/engine'
import { type Clock, HawserError, type Milliseconds, milliseconds } from '@hawser/std'
import type { Segment, Segments } from './segments.ts'

const sweepEveryMs: Milliseconds = milliseconds(60_000)

export interface RetentionOptions extends RetentionLimits {
  readonly segments: Segments
  readonly clock: Clock
  readonly onFault: (error: HawserError) => void
}

export class Retention {
  readonly #options: RetentionOptions
  #floor = 0
  #timer: Disposable
  #deleting: Promise<void> = Promise.resolve()

  constructor(options: RetentionOptions) {
    this.#options = options
    this.#timer = options.clock.after(sweepEveryMs, this.#sweepOften)
  }

  setFloor(position: number): void {
    this.#floor = position
    this.sweep()
  }

  sweep(): void {
    const { segments } = this.#options
    for (let oldest = segments.all[0]; oldest !== undefined && this.#mayGo(oldest); oldest = segments.all[0]) {
      const { path, indexPath } = oldest
      segments.removeOldest()
      this.#deleting = this.#deleting.then(() => this.#delete(path, indexPath))
    }
  }

  async close(): Promise<void> {
    this.#timer[Symbol.dispose]()
    await this.#deleting
  }

  #mayGo(segment: Segment): boolean {
    const { segments, bytes, ms, clock } = this.#options
    if (!segment.isSealed || segment.end > this.#floor) return false
    return segments.bytes > bytes || clock.wallMicros() - segment.lastMicros > ms * 1000
  }

  async #delete(path: string, indexPath: string): Promise<void> {
    try {
      // In this order: a sidecar without its segment is removed at the next start.
      await rm(path, { force: true })
      await rm(indexPath, { force: true })
    } catch (cause) {
      this.#options.onFault(new HawserError('LOG_FAILED', `${path} could not be deleted`, { cause, retryable: true }))
    }
  }

  readonly #sweepOften = (): void => {
    this.sweep()
    this.#timer = this.#options.clock.after(sweepEveryMs, this.#sweepOften)
  }
}
