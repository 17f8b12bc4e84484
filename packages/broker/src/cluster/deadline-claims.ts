/**
 * Before a will or an expiry is acted upon all peers are asked whether they hold the session: then it is theirs, and the
 * deadline is void. A client that comes to another process meanwhile goes first, and of two processes that have a
 * deadline of the same session one: the other looks again later.
 */
import type { PeerId } from '@hawser/engine'
import type { ClientId } from '@hawser/std'
import type { Cluster } from './cluster.ts'
import { decodeMessage, encodeMessage } from './encoding.ts'

const question = 'held'

/** What a process has of those that it is asked for; of the others it has nothing. */
interface Answer {
  readonly held: readonly ClientId[]
  /** It is at something that may come to nothing. */
  readonly busy: readonly ClientId[]
}

export interface Asked {
  /** Nobody else holds them: each may be acted upon while it `stands`, or is held here. */
  readonly free: readonly ClientId[]
  /** Nobody knows yet. */
  readonly again: readonly ClientId[]
}

/** What this process is about with a session. */
export interface Occupations {
  isHeld(clientId: ClientId): boolean
  /** Or may hold it soon. */
  isBusy(clientId: ClientId): boolean
}

export class DeadlineClaims {
  readonly #cluster: Cluster
  readonly #here: Occupations
  readonly #asked = new Set<ClientId>()

  constructor(cluster: Cluster, here: Occupations) {
    this.#cluster = cluster
    this.#here = here
    cluster.questions.answer(question, (from, body) => {
      const clientIds = decodeMessage<ClientId[]>(body)
      if (clientIds === undefined) throw new Error('a question of another version')
      return encodeMessage(this.#answer(from, clientIds))
    })
  }

  async ask(clientIds: readonly ClientId[]): Promise<Asked> {
    const { questions, peers, members } = this.#cluster
    // Nobody else can have what is held here.
    const here = clientIds.filter((clientId) => this.#here.isHeld(clientId))
    const elsewhere = clientIds.filter((clientId) => !this.#here.isHeld(clientId))
    if (elsewhere.length === 0) return { free: here, again: [] }
    // Who has died may have held it: what its lane says of it is still to be read.
    if (!peers.hasHeardAll || members.orphans().length > 0) return { free: here, again: elsewhere }
    for (const clientId of elsewhere) this.#asked.add(clientId)
    const asked = [...peers.present]
    const told = await questions.ask(question, encodeMessage(elsewhere), { peers: asked })
    if (asked.some((peer) => !told.has(peer))) {
      for (const clientId of elsewhere) this.#asked.delete(clientId)
      return { free: here, again: elsewhere }
    }
    const isHeld = new Set<ClientId>()
    for (const bytes of told.values()) {
      const { held = [], busy = [] } = decodeMessage<Answer>(bytes) ?? {}
      for (const clientId of held) isHeld.add(clientId)
      for (const clientId of [...held, ...busy]) this.#asked.delete(clientId)
    }
    const open = elsewhere.filter((clientId) => !isHeld.has(clientId))
    return {
      free: [...here, ...open.filter((clientId) => this.stands(clientId))],
      again: open.filter((clientId) => !this.stands(clientId)),
    }
  }

  stands(clientId: ClientId): boolean {
    return this.#asked.has(clientId)
  }

  /** It has been acted upon, or somebody claims the session. */
  drop(clientId: ClientId): void {
    this.#asked.delete(clientId)
  }

  #answer(from: PeerId, clientIds: readonly ClientId[]): Answer {
    const isFirst = this.#cluster.members.bus.self < from
    const held = clientIds.filter((clientId) => this.#here.isHeld(clientId))
    const others = clientIds.filter((clientId) => !this.#here.isHeld(clientId))
    const busy = others.filter((clientId) => this.#here.isBusy(clientId) || (isFirst && this.stands(clientId)))
    const isBusy = new Set(busy)
    for (const clientId of others) if (!isBusy.has(clientId)) this.drop(clientId)
    return { held, busy }
  }
}
