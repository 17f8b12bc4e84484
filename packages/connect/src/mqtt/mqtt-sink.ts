/**
 * Reads the log and publishes it to another broker, in order, through one connection. The cursor moves once that broker
 * has acknowledged all of a batch; after a failure a message may come there again, in MQTT 5 under the same event id.
 */
import { type LogId, position } from '@hawser/engine'
import type { Clock } from '@hawser/std'
import {
  type Checkpoint,
  type DeadLetters,
  type Message,
  type MessageBatch,
  PartialWrite,
  type Sink,
  type WriteOutcome,
} from '../connector.ts'
import type { OwnedCursor } from '../cursor-store.ts'
import { type KeptLetters, keptDeadLetters } from '../kept-letters.ts'
import { notRefused } from '../refused.ts'
import { unlessAborted } from '../unless-aborted.ts'
import { Answers } from './answers.ts'
import { type ForwardForm, forwardOf } from './forward.ts'
import type { Peer } from './peer.ts'
import type { Suspect } from './suspect.ts'

export interface MqttSinkParts {
  readonly logId: LogId
  readonly form: ForwardForm
  readonly cursor: OwnedCursor
  readonly letters: KeptLetters
  readonly peer: Peer
  readonly suspect: Suspect
  readonly clock: Clock
}

export class MqttSink implements Sink {
  readonly checkpoint: Checkpoint | undefined
  readonly deadLetters: DeadLetters
  readonly #parts: MqttSinkParts

  constructor(parts: MqttSinkParts) {
    this.#parts = parts
    this.checkpoint = parts.cursor.checkpoint
    const { letters, cursor } = parts
    this.deadLetters = keptDeadLetters(letters, cursor, (messages, signal) => this.#replay(messages, signal))
  }

  async write(batch: MessageBatch, signal: AbortSignal): Promise<WriteOutcome> {
    if (batch.messages.length > 0) await this.#parts.cursor.hold()
    const answers = new Answers()
    try {
      await this.#send(batch.messages, answers, signal)
    } catch (error) {
      throw await this.#keepBeginning(batch, answers, error)
    }
    return this.#keep(batch, answers)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.peer[Symbol.asyncDispose]()
  }

  async #replay(messages: readonly Message[], signal: AbortSignal): Promise<WriteOutcome> {
    const { cursor, letters } = this.#parts
    await cursor.hold()
    const answers = new Answers()
    await this.#send(messages, answers, signal)
    await cursor.keep(letters.remove(notRefused(messages, answers.refused(messages))))
    return answers.outcome(messages)
  }

  /** They keep their order, because they go through one connection; as many are under way as it takes. */
  async #send(messages: readonly Message[], answers: Answers, signal: AbortSignal): Promise<void> {
    const { peer, suspect } = this.#parts
    const underWay: Promise<void>[] = []
    for (const message of messages) {
      signal.throwIfAborted()
      const verdict = suspect.verdictOn(message)
      if (verdict === 'give-up') {
        answers.note(message, { kind: 'refused', reason: suspect.reason })
        continue
      }
      if (peer.isFull) await unlessAborted(signal, peer.room())
      const sent = this.#sendOne(message, answers)
      // Who waits for room hears of it as well.
      sent.catch(() => {})
      underWay.push(sent)
      if (verdict === 'send-alone') await unlessAborted(signal, sent)
    }
    await unlessAborted(signal, Promise.all(underWay))
  }

  async #sendOne(message: Message, answers: Answers): Promise<void> {
    const { form, peer, logId, clock } = this.#parts
    const forward = forwardOf(form, peer.bounds, logId, message, clock.wallMicros())
    if (forward.kind !== 'publish') return answers.note(message, forward)
    const answer = await peer.publish(forward.topic, message.payload, forward.options)
    const isTaken = answer.kind === 'taken'
    answers.note(message, isTaken ? answer : { kind: 'refused', reason: `refused: ${answer.reason}` })
  }

  async #keep(batch: Part, answers: Answers): Promise<WriteOutcome> {
    const { cursor, letters } = this.#parts
    await cursor.advance(batch, letters.add(answers.refused(batch.messages)))
    return answers.outcome(batch.messages)
  }

  /** What has its answer is done, up to the first that has none: with that one the next attempt begins. */
  async #keepBeginning(batch: MessageBatch, answers: Answers, error: unknown): Promise<unknown> {
    const { peer, suspect } = this.#parts
    const messages = answers.beginningOf(batch.messages)
    const next = batch.messages[messages.length]
    if (next !== undefined && peer.hasClosed) suspect.closedOn(next)
    const last = messages.at(-1)
    if (last === undefined) return error
    const { partition, from } = batch
    const done = { partition, from, until: position(last.position + 1), messages }
    return new PartialWrite(messages, await this.#keep(done, answers), error)
  }
}

type Part = Pick<MessageBatch, 'partition' | 'from' | 'until' | 'messages'>
