/** Sees to it that no lane stays without owner: the peers have a go at it one after the other, and its lock decides. */
import type { Members, Partition, PartitionRange } from '@hawser/engine'
import { type Clock, milliseconds } from '@hawser/std'

/** How long each peer leaves an orphan to the one before it. */
const staggerMs = milliseconds(20)

export interface AdoptionsParts {
  readonly members: Members
  readonly clock: Clock
  readonly own: Partition
  /** Takes over all that a lane has left. */
  readonly take: (range: PartitionRange) => Promise<void>
  readonly failed: (partition: Partition, error: unknown) => void
}

export class Adoptions implements AsyncDisposable {
  readonly #parts: AdoptionsParts
  readonly #resources = new DisposableStack()
  #waiting: Disposable | undefined
  #working: Promise<void> | undefined
  #ended = false

  constructor(parts: AdoptionsParts) {
    this.#parts = parts
  }

  /** What was left in the own lane has been replayed, and stands in rows. From now on it looks after others too. */
  async start(): Promise<void> {
    const { members, own } = this.#parts
    if (members.orphans().includes(own)) {
      await using adoption = await members.adopt(own)
      await adoption?.done()
    }
    this.#resources.use(members.onOrphans(() => this.look()))
    this.look()
  }

  /** Also once a second: whoever was to adopt a lane may have died of it. */
  look(): void {
    const { members, clock } = this.#parts
    if (this.#ended || this.#waiting !== undefined || this.#working !== undefined) return
    if (members.orphans().length === 0) return
    const { self } = members.bus
    const rank = [...members.bus.peers(), self].sort().indexOf(self)
    this.#waiting = clock.after(milliseconds(rank * staggerMs), () => {
      this.#waiting = undefined
      this.#working = this.#adoptAll().finally(() => {
        this.#working = undefined
      })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true
    this.#resources.dispose()
    this.#waiting?.[Symbol.dispose]()
    await this.#working
  }

  async #adoptAll(): Promise<void> {
    const { members, own, take, failed } = this.#parts
    for (const partition of members.orphans()) {
      if (this.#ended) return
      if (partition === own) continue
      try {
        await using adoption = await members.adopt(partition)
        if (adoption === undefined) continue
        await take(adoption.range)
        await adoption.done()
      } catch (error) {
        failed(partition, error)
      }
    }
  }
}
