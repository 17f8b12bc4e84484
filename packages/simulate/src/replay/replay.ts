/**
 * Publishes a recording row by row, in the order of the file, and knows of each row whether it was acknowledged.
 *
 * What is promised, given a broker that keeps its sessions:
 * - Order: rows are published in the order of the file, and again in that order after a reconnect.
 * - QoS 1: every row at least once; what was unacknowledged when the connection broke may be there twice.
 * - QoS 2: every row exactly once when the broker is killed and comes back with its session. With a resume file the
 *   same holds when this process is killed and started again with it. The resume file is synced before a PUBREL
 *   leaves, so a row is either still known to the broker by its packet id, or known here as received.
 * - A broker that has lost the session gets what was open again, and the report counts those rows as uncertain.
 * - QoS 0: each row is written once to a connection; nothing is known of its arrival.
 */
import { type Clock, HawserError, type Milliseconds, milliseconds, type Random, sleep } from '@hawser/std'
import { shownUrl } from '../runtime/broker-url.ts'
import { Flight, windowRowsMax } from './flight.ts'
import { Pace } from './pace.ts'
import { ReplayConnection } from './replay-connection.ts'
import type { ReplayContext, ReplayOptions, ReplayReport } from './replay-types.ts'
import { fingerprint, noJournal, openJournal, type ReplayJournal } from './resume-file.ts'
import { RowSource } from './row-source.ts'

const windowRowsDefault = 1_000
const giveUpSecondsDefault = 300
const tick = milliseconds(250)
/** After an interrupt: how long what is on its way may still be acknowledged. */
const drainMsMax = milliseconds(3_000)

export async function replay(options: ReplayOptions, context: ReplayContext): Promise<ReplayReport> {
  const { speed, timeColumn } = options
  if (speed !== 'max' && timeColumn === undefined) {
    throw new HawserError('USAGE', `a speed of ${speed}x needs to know when each row was recorded`, {
      mend: 'name that column with --time-column, or use --speed max',
    })
  }
  const { bytes, sha256 } = await fingerprint(options.file)
  const journal = await journalOf(options, sha256, context.random)
  return new Replay(options, context, journal, bytes).run()
}

async function journalOf(options: ReplayOptions, sha256: string, random: Random): Promise<ReplayJournal> {
  const { topic, qos, clientIdPrefix = 'replay' } = options
  // A new id for each replay: a session left by another would hold packet ids that look like ours.
  const clientId = `${clientIdPrefix}-${Buffer.from(random.bytes(6)).toString('hex')}`
  const begin = { sha256, topic, qos, clientId, completed: 0, received: 0, sent: 0, refused: [] }
  return options.resume === undefined ? noJournal(begin) : openJournal(options.resume, begin)
}

class Replay {
  readonly #options: ReplayOptions
  readonly #context: ReplayContext
  readonly #journal: ReplayJournal
  readonly #bytes: number
  readonly #flight: Flight

  constructor(options: ReplayOptions, context: ReplayContext, journal: ReplayJournal, bytes: number) {
    this.#options = options
    this.#context = context
    this.#journal = journal
    this.#bytes = bytes
    this.#flight = new Flight(journal.saved, journal.saved.sent)
  }

  async run(): Promise<ReplayReport> {
    const { url, protocolVersion = 5, clock, random, log, signal } = this.#context
    const { file, topic, qos, retain = false, limit } = this.#options
    const startedMs = clock.monotonicMs()
    await using source = new RowSource(file, this.#options, limit)
    await this.#goOnFrom(source)
    await using connection = new ReplayConnection(this.#flight, this.#journal, {
      ...{ url, protocolVersion, topic, qos, retain, clock, random, log, signal },
    })
    const complete = await this.#sendWatched(connection, source)
    await connection.settle()
    if (connection.failed.aborted) throw connection.failed.reason
    if (complete) await connection.finish()
    return this.#report(connection, complete, (clock.monotonicMs() - startedMs) / 1000)
  }

  async #sendWatched(connection: ReplayConnection, source: RowSource): Promise<boolean> {
    using _watch = this.#watch(connection, source)
    const complete = await this.#send(connection, source)
    if (!complete) await this.#drain(connection)
    return complete
  }

  /** Passes over what an earlier process has done, and takes up what it had on its way. */
  async #goOnFrom(source: RowSource): Promise<void> {
    const { completed, received } = this.#flight.position
    for (let row = 0; row < received; ) {
      const taken = source.take()
      if (taken === undefined) {
        if (await source.fill()) continue
        throw new HawserError('USAGE', `${received} rows were sent before, and now only ${row} are asked for`, {
          mend: 'raise --limit',
        })
      }
      if (row >= completed) this.#flight.add(taken.payload)
      row += 1
    }
  }

  /** Sends until all is acknowledged (true), or until it is interrupted, fails or is refused a row (false). */
  async #send(connection: ReplayConnection, source: RowSource): Promise<boolean> {
    const { signal } = this.#context
    const pace = this.#pace()
    while (!signal.aborted && !connection.failed.aborted) {
      if (!this.#mayPublish(connection)) {
        await connection.changed()
        continue
      }
      const unsent = this.#flight.takeUnsent()
      if (unsent !== undefined) {
        connection.publish(unsent.row, unsent.payload, unsent.again)
        continue
      }
      if (connection.refused.length > 0) return false
      const row = source.take()
      if (row !== undefined) {
        if (row.at !== undefined && pace !== undefined) await this.#wait(pace.delay(row.at), connection)
        this.#flight.add(row.payload)
      } else if (!(await source.fill())) {
        if (this.#flight.isEmpty) return connection.refused.length === 0
        await connection.changed()
      }
    }
    return false
  }

  #pace(): Pace | undefined {
    const { speed } = this.#options
    return speed === 'max' ? undefined : new Pace(this.#context.clock, speed)
  }

  /**
   * Whether a row may be sent now. Rows go as soon as there is room: waiting for more room in order to send larger
   * batches met the broker's Nagle and our delayed acknowledgement, which made it forty times slower.
   */
  #mayPublish(connection: ReplayConnection): boolean {
    const { windowRows = windowRowsDefault } = this.#options
    return connection.ready && this.#flight.span < Math.min(windowRows, windowRowsMax, connection.windowMax)
  }

  async #wait(delay: Milliseconds, connection: ReplayConnection): Promise<void> {
    if (delay === 0) return
    const ended = AbortSignal.any([this.#context.signal, connection.failed])
    await sleep(this.#context.clock, delay, ended).catch((reason: unknown) => {
      if (!ended.aborted) throw reason
    })
  }

  async #drain(connection: ReplayConnection): Promise<void> {
    let late = false
    using _timer = this.#context.clock.after(drainMsMax, () => {
      late = true
      connection.wake()
    })
    while (!late && connection.ready && this.#flight.span > 0) await connection.changed()
  }

  /** Tells the progress, keeps the resume file near it, and gives up on a broker that is silent for too long. */
  #watch(connection: ReplayConnection, source: RowSource): Disposable {
    const { clock, onProgress } = this.#context
    const giveUpMs = (this.#options.giveUpSeconds ?? giveUpSecondsDefault) * 1000
    let completed = -1
    let movedMs = clock.monotonicMs()
    return every(clock, tick, () => {
      const now = clock.monotonicMs()
      const waits = !connection.ready || this.#flight.span > 0
      if (this.#flight.position.completed !== completed || !waits) movedMs = now
      completed = this.#flight.position.completed
      if (now - movedMs > giveUpMs) connection.fail(silent(this.#context.url, giveUpMs))
      onProgress?.({
        sent: this.#flight.sent,
        acknowledged: completed,
        fileFraction: this.#bytes === 0 ? 1 : source.bytesRead / this.#bytes,
      })
      void connection.commit().catch((error: unknown) => connection.fail(error))
    })
  }

  #report(connection: ReplayConnection, complete: boolean, seconds: number): ReplayReport {
    const { completed } = this.#flight.position
    const { refused, resent, uncertain } = connection
    return {
      sent: this.#flight.sent,
      acknowledged: this.#options.qos === 0 ? 0 : completed - refused.filter((row) => row < completed).length,
      refused,
      resent,
      uncertain,
      resumedAt: this.#journal.saved.completed,
      seconds,
      complete,
    }
  }
}

function every(clock: Clock, interval: Milliseconds, callback: () => void): Disposable {
  let timer: Disposable
  const arm = (): void => {
    timer = clock.after(interval, () => {
      arm()
      callback()
    })
  }
  arm()
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() }
}

const silent = (url: string, ms: number): HawserError =>
  new HawserError('BROKER_UNREACHABLE', `${shownUrl(url)} has acknowledged nothing for ${ms / 1000} s`, {
    mend: 'check that the broker runs; --resume FILE lets the next replay go on from there',
    retryable: true,
  })
