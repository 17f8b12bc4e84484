/**
 * The other processes of one log, as the broker's parts talk to them: only there where the broker is made with
 * `members` (docs/decisions/0011-many-processes.md). Nothing that must survive goes this way.
 */
import { type Bus, type Members, type PeerId, Questions } from '@hawser/engine'
import { type Clock, milliseconds } from '@hawser/std'
import { Outbox } from './outbox.ts'
import { Peers } from './peers.ts'

/** Past it nobody waits for an answer: a peer that is silent for so long is being killed. */
const answerMsMax = milliseconds(10_000)

export class Cluster implements Disposable {
  readonly members: Members
  readonly outbox: Outbox
  readonly peers: Peers
  readonly questions: Questions
  readonly #resources = new DisposableStack()
  readonly #newcomers: ((peer: PeerId) => Promise<void>)[] = []
  readonly #telling = new Map<PeerId, Promise<unknown>>()

  /** `waitingBytesMax`: of what waits for a peer's full queue. */
  constructor(members: Members, clock: Clock, waitingBytesMax?: number) {
    const { bus } = members
    this.members = members
    this.outbox = this.#resources.use(new Outbox(bus, clock, waitingBytesMax))
    this.peers = this.#resources.use(new Peers(bus, clock, this.outbox))
    this.questions = this.#resources.use(this.#inOrder(bus, clock))
    this.peers.onCame((peer) => this.#telling.set(peer, Promise.all(this.#newcomers.map((tell) => tell(peer)))))
    this.#resources.use(this.peers.onLeft((peer) => this.#telling.delete(peer)))
    this.questions.answer('ready', async (from) => {
      await this.#telling.get(from)
      return new Uint8Array()
    })
  }

  /** Questions that reach a peer in order with all else that the outbox sends it. */
  #inOrder(bus: Bus, clock: Clock): Questions {
    const { outbox, peers } = this
    return new Questions({
      bus,
      clock,
      channel: 'questions',
      answerMsMax,
      present: () => peers.present,
      onLeft: (listener) => peers.onLeft(listener),
      send: (peer, channel, bytes) => outbox.send(peer, channel, bytes),
    })
  }

  /** What each peer is told when it is greeted; resolves when it has been sent. */
  onNewcomer(tell: (peer: PeerId) => Promise<void>): void {
    this.#newcomers.push(tell)
  }

  /** Ends with the cluster. */
  use<Part extends Disposable>(part: Part): Part {
    return this.#resources.use(part)
  }

  /** Resolves when all that listen know of this broker, and have told what they tell a newcomer. */
  async join(): Promise<void> {
    await this.peers.greet()
    await this.questions.ask('ready', new Uint8Array())
  }

  [Symbol.dispose](): void {
    this.#resources.dispose()
  }
}
