/**
 * Whether the owner of a lane lives, where the bus does not say: of one that is starting, or ended before we came. Each
 * answers on a subject of its own, and the servers answer at once where nobody listens there.
 */
import type { PeerId } from '@hawser/engine'
import { type Clock, disposable, type Milliseconds, milliseconds, sleep } from '@hawser/std'
import { errors, type NatsConnection } from '@nats-io/transport-node'

export interface LivenessOptions {
  readonly connection: NatsConnection
  readonly prefix: string
  readonly clock: Clock
  /** So long the servers must say that it has no connection: it may be on its way to another server. */
  readonly goneMsMax?: Milliseconds
  /** One with a connection that says nothing for so long is gone too. */
  readonly silentMsMax?: Milliseconds
}

export type Verdict = 'alive' | 'gone' | 'silent'

const defaults = { goneMsMax: milliseconds(1000), silentMsMax: milliseconds(15_000) } as const
const answerMsMax: Milliseconds = milliseconds(1000)
const askAgainMs: Milliseconds = milliseconds(250)

const subjectOf = (prefix: string, peer: PeerId): string => `${prefix}.alive.${peer}`

/** To be called before anything names the peer as an owner. */
export function answerAsAlive({ connection, prefix }: LivenessOptions, self: PeerId): Disposable {
  const subscription = connection.subscribe(subjectOf(prefix, self), {
    callback: (_error, message) => void message.respond(),
  })
  return disposable(() => {
    if (!connection.isClosed()) subscription.unsubscribe()
  })
}

export class Liveness {
  readonly #options: Required<LivenessOptions>
  /** Since when nothing was heard of it, and since when the servers say that it is not there. */
  readonly #doubts = new Map<
    PeerId,
    { readonly silentSinceMs: Milliseconds; missingSinceMs: Milliseconds | undefined }
  >()

  constructor(options: LivenessOptions) {
    this.#options = { ...defaults, ...options }
  }

  /** Asks as often as it takes to know; `silent`: it has a connection, and says nothing. */
  async verdict(peer: PeerId): Promise<Verdict> {
    for (;;) {
      const verdict = await this.ask(peer)
      if (verdict !== undefined) return verdict
      if (this.#doubts.get(peer)?.missingSinceMs === undefined) return 'silent'
      await sleep(this.#options.clock, askAgainMs)
    }
  }

  /** Asks once: undefined where nothing is certain yet. */
  async ask(peer: PeerId): Promise<'alive' | 'gone' | undefined> {
    const { connection, prefix, clock, goneMsMax, silentMsMax } = this.#options
    const askedMs = clock.monotonicMs()
    try {
      await connection.request(subjectOf(prefix, peer), '', { timeout: answerMsMax })
      this.#doubts.delete(peer)
      return 'alive'
    } catch (error) {
      const doubt = this.#doubts.get(peer) ?? { silentSinceMs: askedMs, missingSinceMs: undefined }
      this.#doubts.set(peer, doubt)
      const isMissing = error instanceof errors.RequestError && error.isNoResponders()
      doubt.missingSinceMs = isMissing ? (doubt.missingSinceMs ?? askedMs) : undefined
      const now = clock.monotonicMs()
      const isGone = doubt.missingSinceMs !== undefined && now - doubt.missingSinceMs >= goneMsMax
      if (!isGone && now - doubt.silentSinceMs < silentMsMax) return undefined
      this.#doubts.delete(peer)
      return 'gone'
    }
  }

  forget(peer: PeerId): void {
    this.#doubts.delete(peer)
  }
}
