/**
 * Before a will or an expiry is acted upon all peers are asked whether they hold the session: then it is theirs, and the
 * deadline is void. A client that comes to another process meanwhile goes first.
 */
import type { ClientId } from '@hawser/std'
import type { Cluster } from './cluster.ts'
import { decodeMessage, encodeMessage } from './encoding.ts'

const question = 'held'

export class DeadlineClaims {
  readonly #cluster: Cluster
  readonly #asked = new Set<ClientId>()

  /** `held`: whether this process has the session, or is about to. */
  constructor(cluster: Cluster, held: (clientId: ClientId) => boolean) {
    this.#cluster = cluster
    cluster.questions.answer(question, (_from, body) => {
      const clientIds = decodeMessage<ClientId[]>(body)
      if (clientIds === undefined) throw new Error('a question of another version')
      return encodeMessage(clientIds.filter(held))
    })
  }

  /** Those that nobody else holds; undefined where somebody does not answer. Each may be acted upon while `stands`. */
  async ask(clientIds: readonly ClientId[]): Promise<ClientId[] | undefined> {
    const { questions, peers } = this.#cluster
    for (const clientId of clientIds) this.#asked.add(clientId)
    const asked = [...peers.present]
    const told = await questions.ask(question, encodeMessage(clientIds), { peers: asked })
    if (asked.some((peer) => !told.has(peer))) {
      for (const clientId of clientIds) this.#asked.delete(clientId)
      return undefined
    }
    for (const bytes of told.values()) {
      for (const clientId of decodeMessage<ClientId[]>(bytes) ?? []) this.#asked.delete(clientId)
    }
    return clientIds.filter((clientId) => this.#asked.has(clientId))
  }

  stands(clientId: ClientId): boolean {
    return this.#asked.has(clientId)
  }

  /** It has been acted upon, or somebody claims the session. */
  drop(clientId: ClientId): void {
    this.#asked.delete(clientId)
  }
}
