/**
 * Reads the log and publishes it to another broker, in order, through one connection. The cursor moves once that broker
 * has acknowledged all of a batch; after a failure a message may come there again, in MQTT 5 under the same event id.
 */
import type { LogId } from '@hawser/engine'
import type { Checkpoint, DeadLetters, Message, MessageBatch, Sink, WriteOutcome } from '../connector.ts'
import type { OwnedCursor } from '../cursor-store.ts'
import type { KeptLetters } from '../kept-letters.ts'
import { notRefused, type Refused } from '../refused.ts'
import { unlessAborted } from '../unless-aborted.ts'
import { type Forward, type ForwardForm, forwardOf } from './forward.ts'
import type { Peer } from './peer.ts'

export interface MqttSinkParts {
  readonly logId: LogId
  readonly form: ForwardForm
  readonly inFlightMax: number
  readonly cursor: OwnedCursor
  readonly letters: KeptLetters
  readonly peer: Peer
}

interface Sent {
  readonly refused: readonly Refused[]
  /** Have come from there. */
  readonly returning: number
}

export class MqttSink implements Sink {
  readonly checkpoint: Checkpoint | undefined
  readonly deadLetters: DeadLetters = {
    list: async (limit) => this.#parts.letters.list(limit),
    replay: (messages, signal) => this.#replay(messages, signal),
  }
  readonly #parts: MqttSinkParts

  constructor(parts: MqttSinkParts) {
    this.#parts = parts
    this.checkpoint = parts.cursor.checkpoint
  }

  async write(batch: MessageBatch, signal: AbortSignal): Promise<WriteOutcome> {
    const { cursor, letters } = this.#parts
    if (batch.messages.length > 0) await cursor.hold()
    const { refused, returning } = await this.#send(batch.messages, signal)
    await cursor.advance(batch, letters.add(refused))
    const written = batch.messages.length - refused.length - returning
    return { written, duplicates: returning, deadLetters: refused.length }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.peer[Symbol.asyncDispose]()
  }

  async #replay(messages: readonly Message[], signal: AbortSignal): Promise<WriteOutcome> {
    const { cursor, letters } = this.#parts
    await cursor.hold()
    const { refused, returning } = await this.#send(messages, signal)
    const taken = notRefused(messages, refused)
    await cursor.keep(letters.remove(taken))
    return { written: taken.length - returning, duplicates: returning, deadLetters: refused.length }
  }

  /** So many are under way at a time; they keep their order, because they go through one connection. */
  async #send(messages: readonly Message[], signal: AbortSignal): Promise<Sent> {
    const { logId, form, inFlightMax, peer } = this.#parts
    const refused: Refused[] = []
    let returning = 0
    const window = Math.min(inFlightMax, peer.bounds.receiveMaximum)
    for (let at = 0; at < messages.length; at += window) {
      signal.throwIfAborted()
      const underWay = messages.slice(at, at + window).map(async (message) => {
        const forward = forwardOf(form, peer.bounds, logId, message)
        if (forward.kind === 'returning') returning++
        else if (forward.kind === 'refused') refused.push({ message, reason: forward.reason })
        else await this.#sendOne(message, forward, refused)
      })
      await unlessAborted(signal, Promise.all(underWay))
    }
    return { refused, returning }
  }

  async #sendOne(
    message: Message,
    { topic, options }: Extract<Forward, { kind: 'publish' }>,
    refused: Refused[],
  ): Promise<void> {
    const answer = await this.#parts.peer.publish(topic, message.payload, options)
    if (answer.kind === 'refused') refused.push({ message, reason: `refused: ${answer.reason}` })
  }
}
