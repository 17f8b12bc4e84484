/**
 * A session has one owner: the process that holds it in memory. Before a client is let in here all peers are asked for
 * its client id; who holds the session lets it go first. Two claims that meet are ordered, the later wins; those of
 * different users go one after the other, so that nobody disturbs what is another's.
 */
import type { Cursor, Partition, PeerId, Position } from '@hawser/engine'
import { type ClientId, type Clock, milliseconds } from '@hawser/std'
import { adopted } from './adopted.ts'
import type { Barriers } from './barriers.ts'
import { type ClaimStamp, isBefore } from './claim-order.ts'
import type { Cluster } from './cluster.ts'
import { decodeMessage, encodeMessage } from './encoding.ts'
import type { RecentClients } from './recent-clients.ts'

const question = 'claim'
/** From CONNECT on, adoptions that it waits for included; then the client is told to come again. */
export const claimMsMax = milliseconds(8_000)

interface ClaimMessage {
  readonly clientId: ClientId
  readonly owner?: string
  readonly cleanStart: boolean
  readonly stamp: number
}

type ClaimAnswer =
  /** Nobody holds it there (any more): `end` of its lane, and what the client has published there lies below `below`. */
  | { readonly kind: 'free'; readonly partition: Partition; readonly end: Position; readonly below: Position }
  | { readonly kind: 'of-another' }
  /** A later claim is under way there. */
  | { readonly kind: 'superseded' }
  /** Its connection there came later by what that process had heard: whoever still wants it claims anew. */
  | { readonly kind: 'held-later'; readonly stamp: number }

export type ClaimOutcome = 'granted' | 'of-another' | 'superseded' | 'unavailable'

/** What this process holds. */
export interface Holdings {
  /** Another process asks for it: no deadline is acted upon here that it has not heard of. */
  claimed(clientId: ClientId): void
  /** Lets a session go, durably, unless it is another's or was claimed later. It may have none of it. */
  letGo(clientId: ClientId, asked: LetGo): Promise<'let-go' | 'of-another' | 'superseded'>
}

export interface LetGo {
  readonly owner: string | undefined
  readonly cleanStart: boolean
  readonly claim: ClaimStamp
}

export interface ClaimsParts {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly holdings: Holdings
  readonly barriers: Barriers
  readonly recent: RecentClients
  readonly own: Partition
  readonly ends: () => ReadonlyMap<Partition, Position>
  readonly reached: (ends: Cursor) => Promise<void>
  /** Resolves once all that has been appended is durable. */
  readonly durable: () => Promise<void>
  /** Where a lane that nobody lives on ends. */
  readonly endOf: (partition: Partition) => Promise<Position>
}

/** A claim under way: it is lost as soon as a later one comes, until it is settled. */
export class Claim implements ClaimStamp {
  stamp: number
  readonly peer: PeerId
  readonly owner: string | undefined
  readonly settled: Promise<void>
  readonly whenLost: Promise<void>
  #isLost = false
  #settle = (): void => {}
  #lose = (): void => {}

  constructor(stamp: number, peer: PeerId, owner: string | undefined) {
    this.stamp = stamp
    this.peer = peer
    this.owner = owner
    this.settled = new Promise((resolve) => {
      this.#settle = resolve
    })
    this.whenLost = new Promise((resolve) => {
      this.#lose = resolve
    })
  }

  get isLost(): boolean {
    return this.#isLost
  }

  lose(): void {
    this.#isLost = true
    this.#lose()
  }

  settle(): void {
    this.#settle()
  }
}

export class Claims {
  readonly #parts: ClaimsParts
  readonly #underWay = new Map<ClientId, Claim>()
  #stamp = 0

  constructor(parts: ClaimsParts) {
    this.#parts = parts
    parts.cluster.questions.answer(question, (from, body) => this.#answer(from, body))
  }

  /** The caller settles the claim when it holds the session, or does not want it any more. */
  begin(clientId: ClientId, owner: string | undefined): Claim {
    const claim = new Claim(++this.#stamp, this.#parts.cluster.members.bus.self, owner)
    this.#underWay.set(clientId, claim)
    return claim
  }

  /** Of a client whose session is here already: it comes after all claims that have been heard of. */
  here(owner: string | undefined): Claim {
    return new Claim(++this.#stamp, this.#parts.cluster.members.bus.self, owner)
  }

  settle(clientId: ClientId, claim: Claim): void {
    if (this.#underWay.get(clientId) === claim) this.#underWay.delete(clientId)
    claim.settle()
  }

  /** Resolves when nobody else has the session, and all that was said of it stands in its row. */
  async make(clientId: ClientId, claim: Claim, cleanStart: boolean): Promise<ClaimOutcome> {
    const { clock } = this.#parts
    let timer: Disposable | undefined
    const late = new Promise<ClaimOutcome>((resolve) => {
      timer = clock.after(claimMsMax, () => resolve('unavailable'))
    })
    const lost = claim.whenLost.then((): ClaimOutcome => 'superseded')
    try {
      return await Promise.race([this.#make(clientId, claim, cleanStart), lost, late])
    } finally {
      timer?.[Symbol.dispose]()
    }
  }

  async #make(clientId: ClientId, claim: Claim, cleanStart: boolean): Promise<ClaimOutcome> {
    const { cluster, barriers, reached } = this.#parts
    // One that cannot answer yet may hold the session.
    if (!cluster.peers.hasHeardAll) await cluster.peers.heardAll()
    const { owner, stamp } = claim
    const message: ClaimMessage = { clientId, cleanStart, stamp, ...(owner !== undefined && { owner }) }
    const peers = [...cluster.peers.present]
    const told = await cluster.questions.ask(question, encodeMessage(message), { peers, answerMsMax: claimMsMax })
    const ends = new Map<Partition, Position>()
    const needed = new Map<Partition, Position>()
    for (const peer of peers) {
      const bytes = told.get(peer)
      const answer = bytes && decodeMessage<ClaimAnswer>(bytes)
      if (answer === undefined) {
        // What one that is gone had is left to whoever adopts its lane.
        if (cluster.peers.present.has(peer)) return 'unavailable'
        continue
      }
      if (answer.kind === 'held-later') {
        if (claim.isLost) return 'superseded'
        this.#stamp = Math.max(this.#stamp, answer.stamp) + 1
        claim.stamp = this.#stamp
        return this.#make(clientId, claim, cleanStart)
      }
      if (answer.kind !== 'free') return answer.kind
      ends.set(answer.partition, answer.end)
      needed.set(answer.partition, answer.below)
    }
    // One may have said goodbye meanwhile, and have still to leave its lane.
    if (!cluster.peers.hasHeardAll) await cluster.peers.heardAll()
    await adopted(cluster.members)
    await this.#addDeserted(ends, needed)
    await reached(ends)
    if (claim.isLost) return 'superseded'
    return barriers.raise(needed, ends) ? 'granted' : 'unavailable'
  }

  /** Nobody remembers who was with a process that is gone: it may have been this client. */
  async #addDeserted(ends: Map<Partition, Position>, needed: Map<Partition, Position>): Promise<void> {
    const { own, endOf } = this.#parts
    const deserted = [...this.#parts.ends().keys()].filter((partition) => partition !== own && !ends.has(partition))
    for (const partition of deserted) {
      const end = await endOf(partition)
      ends.set(partition, end)
      needed.set(partition, end)
    }
  }

  async #answer(from: PeerId, body: Buffer): Promise<Uint8Array> {
    const message = decodeMessage<ClaimMessage>(body)
    if (message === undefined) throw new Error('a claim of another version')
    this.#stamp = Math.max(this.#stamp, message.stamp)
    return encodeMessage(await this.#judge(from, message))
  }

  async #judge(peer: PeerId, { clientId, owner, cleanStart, stamp }: ClaimMessage): Promise<ClaimAnswer> {
    const theirs: ClaimStamp = { stamp, peer }
    this.#parts.holdings.claimed(clientId)
    const mine = this.#underWay.get(clientId)
    if (mine !== undefined) {
      const mineIsFirst = isBefore(mine, theirs)
      if (mine.owner === owner) {
        if (!mineIsFirst) return { kind: 'superseded' }
        mine.lose()
        return this.#free(clientId)
      }
      // Whose session it is, is found out by the first.
      if (!mineIsFirst) return this.#free(clientId)
      await mine.settled
    }
    const answer = await this.#parts.holdings.letGo(clientId, { owner, cleanStart, claim: theirs })
    if (answer === 'let-go') return this.#free(clientId)
    return answer === 'superseded' ? { kind: 'held-later', stamp: this.#stamp } : { kind: answer }
  }

  async #free(clientId: ClientId): Promise<ClaimAnswer> {
    const { own, recent, durable, ends } = this.#parts
    if (recent.below(clientId) === undefined) await durable()
    const end = ends().get(own) ?? (0 as Position)
    return { kind: 'free', partition: own, end, below: recent.below(clientId) ?? end }
  }
}
