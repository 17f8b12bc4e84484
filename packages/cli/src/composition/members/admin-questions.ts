/**
 * What the processes of one data folder ask each other for REST and metrics, as JSON. Who asks goes on with what came.
 */
import type { ClientPage, ClientQuery, ReloadReport, WorkerView } from '@hawser/admin'
import { type Bus, Questions } from '@hawser/engine'
import { type Clock, milliseconds } from '@hawser/std'

const channel = 'admin'
/** The one name: what is asked stands in the body. */
const name = 'admin'
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

export class AdminQuestions implements Disposable {
  readonly #questions: Questions

  constructor(bus: Bus, clock: Clock, answer: (question: Question) => Promise<Answers[keyof Answers]>) {
    this.#questions = new Questions({ bus, clock, channel, answerMsMax })
    this.#questions.answer(name, async (_, body) => encoded(await answer(decoded(body))))
  }

  /** Of all peers that answer in time. */
  async ask<Of extends Question>(question: Of): Promise<readonly AnswerTo<Of>[]> {
    const answers = await this.#questions.ask(name, encoded(question))
    return [...answers.values()].map((bytes) => decoded<AnswerTo<Of>>(bytes))
  }

  /** Nobody waits any more, and nobody is answered. */
  [Symbol.dispose](): void {
    this.#questions[Symbol.dispose]()
  }
}

const encoded = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
/** Whoever is on the channel is of the same program: the shape is what was asked for. */
const decoded = <Value>(bytes: Buffer): Value => JSON.parse(bytes.toString()) as Value
