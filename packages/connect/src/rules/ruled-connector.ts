/**
 * A connector whose messages go by rules before its sink sees them. A message on which a rule fails is a dead letter
 * of Hawser's own state, written before the cursor passes it.
 */
import type { LogId, StateChange, StateStore } from '@hawser/engine'
import { HawserError } from '@hawser/std'
import {
  type Connector,
  type DeadLetter,
  type DeadLetters,
  eventId,
  type Judgement,
  type Message,
  type MessageBatch,
  PartialWrite,
  type Sink,
  type WriteOutcome,
} from '../connector.ts'
import { KeptLetters } from '../kept-letters.ts'
import type { Refused } from '../refused.ts'
import { Rules } from './rules.ts'
import type { RulesSettings } from './settings.ts'

/** Throws `CONFIG_INVALID` where a template or a place is none. */
export function ruledConnector(connector: Connector, settings: RulesSettings, state: StateStore): Connector {
  const rules = new Rules(settings)
  return {
    ...connector,
    rules: () => rules.figures(),
    judge: (logId, message) => rules.judge(logId, message),
    async open(logId, signal) {
      // Names of connectors have no dot: these are nobody else's.
      const letters = await KeptLetters.open(state, `${connector.name}.rules`, logId)
      return new RuledSink({ rules, letters, state, logId, sink: await connector.open(logId, signal) })
    },
  }
}

interface Parts {
  readonly rules: Rules
  readonly letters: KeptLetters
  readonly state: StateStore
  readonly logId: LogId
  readonly sink: Sink
}

interface Judged {
  readonly message: Message
  readonly judgement: Judgement
}

class RuledSink implements Sink {
  readonly checkpoint: Sink['checkpoint']
  readonly deadLetters: DeadLetters = {
    list: async (limit, signal) => {
      const { letters, sink } = this.#parts
      return inTurns(letters.list(limit), (await sink.deadLetters?.list(limit, signal)) ?? []).slice(0, limit)
    },
    replay: (messages, signal) => this.#replay(messages, signal),
    forget: async (messages, signal) => {
      const { letters, sink } = this.#parts
      await this.#keep(letters.remove(messages))
      await sink.deadLetters?.forget(messages, signal)
    },
  }
  readonly tick?: NonNullable<Sink['tick']>
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
    const { sink } = parts
    this.checkpoint = sink.checkpoint
    if (sink.tick !== undefined) this.tick = (seenUntil, signal) => sink.tick?.(seenUntil, signal) ?? Promise.resolve()
  }

  async write(batch: MessageBatch, signal: AbortSignal): Promise<WriteOutcome> {
    const { letters, sink } = this.#parts
    const judged = this.#judge(batch.messages)
    await this.#keep(letters.add(refusedOf(judged)))
    try {
      const outcome = await sink.write({ ...batch, messages: passedOf(judged) }, signal)
      return this.#counted(judged, outcome)
    } catch (error) {
      if (!(error instanceof PartialWrite)) throw error
      const last = error.messages.at(-1)
      const begun = judged.filter(({ message }) => last !== undefined && message.position <= last.position)
      throw new PartialWrite(
        begun.map(({ message }) => message),
        this.#counted(begun, error.outcome),
        error.cause,
      )
    }
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#parts.sink[Symbol.asyncDispose]()
  }

  /** What it takes from its own letters goes by the rules as they are now. */
  async #replay(messages: readonly Message[], signal: AbortSignal): Promise<WriteOutcome> {
    const { letters, sink } = this.#parts
    const judged = this.#judge(messages)
    const passed = passedOf(judged)
    if (passed.length > 0 && sink.deadLetters === undefined) {
      throw new HawserError('USAGE', 'its sink takes nothing again', { mend: 'move the connector back instead' })
    }
    const outcome = (await sink.deadLetters?.replay(passed, signal)) ?? { written: 0, duplicates: 0, deadLetters: 0 }
    const settled = judged.filter(({ judgement }) => judgement.kind !== 'failed').map(({ message }) => message)
    await this.#keep([...letters.remove(settled), ...letters.add(refusedOf(judged))])
    // What the rules have settled otherwise since, the sink may still list.
    const stopped = judged.filter(({ judgement }) => judgement.kind !== 'passed').map(({ message }) => message)
    if (stopped.length > 0) await sink.deadLetters?.forget(stopped, signal)
    return withRules(judged, outcome)
  }

  #judge(messages: readonly Message[]): readonly Judged[] {
    const { rules, logId } = this.#parts
    return messages.map((message) => ({ message, judgement: rules.judge(logId, message) }))
  }

  #counted(judged: readonly Judged[], outcome: WriteOutcome): WriteOutcome {
    for (const { judgement } of judged) this.#parts.rules.count(judgement)
    return withRules(judged, outcome)
  }

  async #keep(changes: readonly StateChange[]): Promise<void> {
    if (changes.length > 0) await this.#parts.state.write(changes)
  }
}

/** So that a part of them has the oldest of both, each once. */
function inTurns(ours: readonly DeadLetter[], theirs: readonly DeadLetter[]): readonly DeadLetter[] {
  const letters = new Map<string, DeadLetter>()
  for (let at = 0; at < Math.max(ours.length, theirs.length); at++) {
    for (const letter of [ours[at], theirs[at]]) {
      if (letter === undefined) continue
      const name = eventId(letter.logId, letter)
      if (!letters.has(name)) letters.set(name, letter)
    }
  }
  return [...letters.values()]
}

const passedOf = (judged: readonly Judged[]): readonly Message[] =>
  judged.flatMap(({ judgement }) => (judgement.kind === 'passed' ? [judgement.message] : []))

const refusedOf = (judged: readonly Judged[]): readonly Refused[] =>
  judged.flatMap(({ message, judgement }) =>
    judgement.kind === 'failed' ? [{ message, reason: `rule ${judgement.rule}: ${judgement.reason}` }] : [],
  )

const countOf = (judged: readonly Judged[], kind: Judgement['kind']): number =>
  judged.filter(({ judgement }) => judgement.kind === kind).length

const withRules = (judged: readonly Judged[], outcome: WriteOutcome): WriteOutcome => ({
  ...outcome,
  deadLetters: outcome.deadLetters + countOf(judged, 'failed'),
  dropped: (outcome.dropped ?? 0) + countOf(judged, 'dropped'),
})
