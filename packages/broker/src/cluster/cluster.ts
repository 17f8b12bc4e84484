/**
 * The other processes of one log, as the broker's parts talk to them: only there where the broker is made with
 * `members` (docs/decisions/0011-many-processes.md). Nothing that must survive goes this way.
 */
import type { Members } from '@hawser/engine'
import type { Clock } from '@hawser/std'
import { Outbox } from './outbox.ts'
import { Peers } from './peers.ts'
import { Questions } from './questions.ts'

export class Cluster implements Disposable {
  readonly members: Members
  readonly outbox: Outbox
  readonly peers: Peers
  readonly questions: Questions
  readonly #resources = new DisposableStack()

  constructor(members: Members, clock: Clock) {
    const { bus } = members
    this.members = members
    this.outbox = this.#resources.use(new Outbox(bus, clock))
    this.peers = this.#resources.use(new Peers(bus, clock, this.outbox))
    this.questions = this.#resources.use(new Questions(bus, clock, this.outbox, this.peers))
    // What a peer sends when it is greeted has come when it answers this.
    this.questions.answer('ready', () => new Uint8Array())
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
