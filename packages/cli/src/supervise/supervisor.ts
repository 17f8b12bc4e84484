/** Keeps the parts of one Hawser running, in tiers, and ends them in the reverse order. */
import type { Part } from '@hawser/admin'
import { aborted, type Clock, milliseconds } from '@hawser/std'
import type { LogSink } from '../logging/logger.ts'
import { type PartSpec, SupervisedPart } from './supervised-part.ts'

export interface SupervisorOptions {
  readonly parts: readonly PartSpec[]
  readonly clock: Clock
  readonly log: LogSink
  /** A part was asked, by its user, to stop all of Hawser. */
  onStopAll(): void
}

/** Together below the 5 s in which a Ctrl-C must be over. */
const simulatorsMsMax = milliseconds(1_500)
const coreMsMax = milliseconds(3_000)

export class Supervisor {
  readonly #parts: readonly SupervisedPart[]
  readonly #clock: Clock
  #told = false

  constructor({ parts, clock, log, onStopAll }: SupervisorOptions) {
    this.#clock = clock
    const onChange = (): void => this.#tellParts()
    this.#parts = parts.map((spec) => new SupervisedPart(spec, { clock, log, onChange, onStopAll }))
  }

  /** Starts tier 0, waits until it is ready, then starts the rest. Rejects with the error of tier 0. */
  async start(signal: AbortSignal): Promise<void> {
    const first = this.#parts.filter(({ spec }) => spec.tier === 0)
    for (const part of first) part.start()
    await Promise.race([Promise.all(first.map((part) => part.firstReady)), aborted(signal)])
    if (signal.aborted) return
    for (const part of this.#parts) if (part.spec.tier > 0) part.start()
  }

  parts(): readonly Part[] {
    return this.#parts.map((part) => part.snapshot())
  }

  /** The parts that have a configuration read it again. */
  reload(): void {
    for (const part of this.#parts) if (part.spec.tier === 0) part.send({ kind: 'reload' })
  }

  /** Answers whether every part ended by itself. */
  async stop(): Promise<boolean> {
    const later = this.#parts.filter(({ spec }) => spec.tier > 0)
    const first = this.#parts.filter(({ spec }) => spec.tier === 0)
    const clean = await Promise.all(later.map((part) => part.stop(simulatorsMsMax)))
    return [...clean, ...(await Promise.all(first.map((part) => part.stop(coreMsMax))))].every(Boolean)
  }

  /** Once per turn, however many parts changed in it. */
  #tellParts(): void {
    if (this.#told) return
    this.#told = true
    this.#clock.after(milliseconds(0), () => {
      this.#told = false
      const parts = this.parts()
      for (const part of this.#parts) if (part.spec.tier === 0) part.send({ kind: 'parts', parts })
    })
  }
}
