/**
 * Writes on their way into the state's stream. One batch is under way at a time, and takes all that waits; it is sent
 * until the machine has applied it. Batches have numbers, so that what arrives twice is applied once.
 */
import { type Clock, HawserError, type Milliseconds, milliseconds, sleep } from '@hawser/std'
import { fencedError } from '../fenced-error.ts'
import { encodeBatch, encodeProposals } from './proposal.ts'
import type { AppliedBatch, Outcome } from './state-machine.ts'

export interface ProposalsOptions {
  readonly writer: string
  readonly partBytesMax: number
  readonly clock: Clock
  /** Resolves once the message is committed, and applied here. */
  readonly publish: (message: Buffer) => Promise<void>
}

export const proposalLimits = {
  /** Of all that waits; more is refused. */
  queueBytesMax: 64 << 20,
  /** Of one batch, unless a single write is larger. */
  batchBytesMax: 512 << 10,
  /** How long the end waits for servers that do not answer. */
  farewellMsMax: milliseconds(5000),
} as const satisfies Record<string, number | Milliseconds>

const retryMs: Milliseconds = milliseconds(250)

interface Waiting {
  readonly write: Buffer | undefined
  readonly settle: PromiseWithResolvers<Outcome>
}

export class Proposals {
  readonly #options: ProposalsOptions
  #waiting: Waiting[] = []
  #waitingBytes = 0
  #number = 0
  #draining: Promise<void> | undefined
  #answer: AppliedBatch | undefined
  #ended: HawserError | undefined

  constructor(options: ProposalsOptions) {
    this.#options = options
  }

  /** Without a write: resolves once all is applied here that was committed anywhere before the call. */
  propose(write?: Buffer): Promise<Outcome> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    const bytes = write?.length ?? 0
    if (this.#waitingBytes + bytes > proposalLimits.queueBytesMax) {
      const message = `${this.#waitingBytes} bytes of state wait to be written already`
      return Promise.reject(new HawserError('STATE_FAILED', message, { retryable: true }))
    }
    const settle = Promise.withResolvers<Outcome>()
    this.#waiting.push({ write, settle })
    this.#waitingBytes += bytes
    this.#draining ??= this.#drain()
    return settle.promise
  }

  /** The machine has applied a batch of any writer. */
  applied(batch: AppliedBatch): void {
    if (batch.writer === this.#options.writer && batch.number === this.#number) this.#answer = batch
  }

  /** Nothing can be written any more, and what waits is told so. */
  fail(error: HawserError): void {
    this.#ended ??= error
    this.#waitingBytes = 0
    for (const { settle } of this.#waiting.splice(0)) settle.reject(this.#ended)
  }

  /** Waits for what is under way, within a bound. */
  async close(error: HawserError): Promise<void> {
    const late = new AbortController()
    const lateness = sleep(this.#options.clock, proposalLimits.farewellMsMax, late.signal).catch(() => undefined)
    await Promise.race([this.#draining, lateness])
    late.abort()
    this.fail(error)
  }

  async #drain(): Promise<void> {
    // What is asked for in one turn goes together.
    await new Promise(setImmediate)
    while (this.#waiting.length > 0) await this.#sendNext()
    this.#draining = undefined
  }

  async #sendNext(): Promise<void> {
    const { writer, partBytesMax } = this.#options
    const batch = this.#take()
    this.#number++
    this.#answer = undefined
    const writes = batch.flatMap(({ write }) => write ?? [])
    const messages = encodeProposals(writer, this.#number, encodeBatch(writes), partBytesMax)
    const failure = await this.#sendUntilApplied(messages)
    const outcomes = this.#outcomes()
    if (outcomes === undefined || failure !== undefined) {
      for (const { settle } of batch) settle.reject(failure ?? fencedError())
      return
    }
    let index = 0
    for (const { write, settle } of batch)
      settle.resolve(write === undefined ? 'applied' : (outcomes[index++] ?? 'conflict'))
  }

  /** Answers with an error where nothing of the batch can have been committed, or nobody waits for it any more. */
  async #sendUntilApplied(messages: readonly Buffer[]): Promise<HawserError | undefined> {
    let isUncertain = false
    for (;;) {
      try {
        for (const message of messages) await this.#options.publish(message)
      } catch (error) {
        if (error instanceof HawserError && !isUncertain) return error
        isUncertain = true
      }
      if (this.#answer !== undefined) return undefined
      if (this.#ended !== undefined) return this.#ended
      await sleep(this.#options.clock, retryMs)
    }
  }

  #outcomes(): readonly Outcome[] | undefined {
    return this.#answer?.outcomes
  }

  #take(): Waiting[] {
    let bytes = 0
    const beyond = this.#waiting.findIndex(({ write }, index) => {
      bytes += write?.length ?? 0
      return index > 0 && bytes > proposalLimits.batchBytesMax
    })
    const batch = this.#waiting.splice(0, beyond < 0 ? this.#waiting.length : beyond)
    for (const { write } of batch) this.#waitingBytes -= write?.length ?? 0
    return batch
  }
}
