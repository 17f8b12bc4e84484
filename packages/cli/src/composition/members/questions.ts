/**
 * What the processes of one data folder ask each other for REST and metrics: JSON over the bus, each question with a
 * number, and an answer or none in time. Who asks goes on with what came.
 */
import type { ClientPage, ClientQuery, ReloadReport, WorkerView } from '@hawser/admin'
import type { Bus, PeerId } from '@hawser/engine'
import { type Clock, milliseconds } from '@hawser/std'

const channel = 'admin'
/** A peer that is silent is being looked at by others; the page does not wait for what becomes of it. */
const answerMsMax = milliseconds(1_000)

interface Answers {
  readonly view: WorkerView
  readonly clients: ClientPage
  readonly kick: boolean
  readonly reload: ReloadReport
}

export type Question =
  | { readonly kind: 'view' }
  | { readonly kind: 'clients'; readonly query: ClientQuery }
  | { readonly kind: 'kick'; readonly clientId: string }
  | { readonly kind: 'reload' }

export type AnswerTo<Asked extends Question> = Answers[Asked['kind']]

type Message =
  | { readonly number: number; readonly question: Question }
  | { readonly number: number; readonly answer: unknown }

interface Asked {
  readonly waitsFor: Set<PeerId>
  readonly answers: unknown[]
  settle(): void
}

export class Questions implements Disposable {
  readonly #bus: Bus
  readonly #clock: Clock
  readonly #answer: (question: Question) => Promise<Answers[keyof Answers]>
  readonly #asked = new Map<number, Asked>()
  readonly #resources = new DisposableStack()
  #number = 0

  constructor(bus: Bus, clock: Clock, answer: (question: Question) => Promise<Answers[keyof Answers]>) {
    this.#bus = bus
    this.#clock = clock
    this.#answer = answer
    this.#resources.use(bus.subscribe(channel, (from, bytes) => this.#received(from, bytes)))
    this.#resources.use(
      bus.onPeers(({ kind, peer }) => {
        if (kind === 'left') for (const asked of [...this.#asked.values()]) this.#without(asked, peer)
      }),
    )
  }

  /** Of all peers that answer in time. */
  ask<Of extends Question>(question: Of): Promise<readonly AnswerTo<Of>[]> {
    const number = ++this.#number
    return new Promise((resolve) => {
      const timer = this.#clock.after(answerMsMax, () => {
        asked.waitsFor.clear()
        asked.settle()
      })
      const asked: Asked = {
        waitsFor: new Set(this.#bus.peers()),
        answers: [],
        settle: () => {
          if (asked.waitsFor.size > 0) return
          timer[Symbol.dispose]()
          this.#asked.delete(number)
          resolve(asked.answers as AnswerTo<Of>[])
        },
      }
      this.#asked.set(number, asked)
      const message = encoded({ number, question })
      for (const peer of asked.waitsFor) if (!this.#bus.send(peer, channel, message)) asked.waitsFor.delete(peer)
      asked.settle()
    })
  }

  /** Nobody waits any more, and nobody is answered. */
  [Symbol.dispose](): void {
    this.#resources.dispose()
    for (const asked of [...this.#asked.values()]) {
      asked.waitsFor.clear()
      asked.settle()
    }
  }

  #received(from: PeerId, bytes: Buffer): void {
    const message = JSON.parse(bytes.toString()) as Message
    const { number } = message
    if ('question' in message) {
      // Who asks goes on without an answer that cannot be given.
      const say = (answer: unknown): boolean => this.#bus.send(from, channel, encoded({ number, answer }))
      this.#answer(message.question).then(say, () => undefined)
      return
    }
    const asked = this.#asked.get(number)
    if (asked === undefined || !asked.waitsFor.has(from)) return
    asked.answers.push(message.answer)
    this.#without(asked, from)
  }

  #without(asked: Asked, peer: PeerId): void {
    if (asked.waitsFor.delete(peer)) asked.settle()
  }
}

const encoded = (message: Message): Buffer => Buffer.from(JSON.stringify(message))
