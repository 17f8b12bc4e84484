/**
 * The connection of a replay: `mqtt` of npm, made to keep order and QoS 2's "exactly once" across the death of the
 * broker and of this process.
 *
 * Left to itself the library (5.16) resends from its own store one message at a time with DUP clear, takes a random
 * first packet id in each process, writes PUBREL before anything can remember the PUBREC, and resends PUBREL even to a
 * broker that has lost the session, which loses those messages without a word. All of it is mended by two of its
 * options:
 * - `messageIdProvider` gives each row the packet id that follows from its number;
 * - `outgoingStore` holds a PUBREL back until the journal has the PUBREC on disk, and after a reconnect yields only
 *   the PUBRELs that are due; the rows that the broker does not have yet are published again from here, pipelined.
 */
import { type Clock, milliseconds, type Random } from '@hawser/std'
import { connect, connectAsync, type ErrorWithReasonCode, type MqttClient } from 'mqtt'
import { Backoff } from '../runtime/backoff.ts'
import type { Log, Qos } from '../runtime/broker-connection.ts'
import { shownUrl } from '../runtime/broker-url.ts'
import { connectRefusal, disconnectRefusal } from '../runtime/mqtt-refusal.ts'
import { type Flight, packetIdOf, windowRowsMax } from './flight.ts'
import { packetStore } from './packet-store.ts'
import type { ReplayJournal, ReplayState } from './resume-file.ts'

export interface ReplayConnectionOptions {
  readonly url: string
  readonly protocolVersion: 4 | 5
  readonly topic: string
  readonly qos: Qos
  readonly retain: boolean
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Wakes who waits for a change. */
  readonly signal: AbortSignal
}

/** A broker that comes back is met soon: the replay has nothing else to do. */
const backoffLimits = { firstMs: 100, mostMs: 2_000 }
/** How long a broker keeps the session of a replay that was killed. */
const sessionExpirySeconds = 86_400
/** PUBCOMP for a row that an earlier connection had released: it is done. */
const packetIdentifierNotFound = 0x92
const disconnectMsMax = milliseconds(2_000)

interface HeldRelease {
  readonly row: number
  readonly release: () => void
}

export class ReplayConnection implements AsyncDisposable {
  readonly refused: number[]
  /** Publishes of rows that had been sent before. */
  resent = 0
  /** Rows whose fate the broker has forgotten: sent again, perhaps twice there. Only QoS 2 promises otherwise. */
  uncertain = 0
  readonly #client: MqttClient
  readonly #flight: Flight
  readonly #journal: ReplayJournal
  readonly #options: ReplayConnectionOptions
  readonly #failed = new AbortController()
  readonly #changes: (() => void)[] = []
  #ready = false
  /** Counts connections, so that what was held for one is not written to the next. */
  #epoch = 0
  #held: HeldRelease[] = []
  #releasing = false
  #publishing = 0
  readonly #wakeOnAbort = (): void => this.wake()

  constructor(flight: Flight, journal: ReplayJournal, options: ReplayConnectionOptions) {
    this.#flight = flight
    this.#journal = journal
    this.#options = options
    this.refused = [...journal.saved.refused]
    const backoff = new Backoff(options.random, backoffLimits)
    this.#client = connect(options.url, {
      clientId: journal.saved.clientId,
      protocolVersion: options.protocolVersion,
      clean: false,
      ...(options.protocolVersion === 5 ? { properties: { sessionExpiryInterval: sessionExpirySeconds } } : {}),
      reconnectPeriod: backoff.next(),
      reconnectOnConnackError: true,
      resubscribe: false,
      // The library's own tracing costs a tenth of the time even where nobody listens.
      log: () => {},
      outgoingStore: packetStore({
        release: (packetId, send) => this.#hold(packetId, send),
        toRelease: () => this.#flight.toRelease().map(packetIdOf),
        done: (packetId) => {
          this.#flight.markDone(this.#flight.rowOf(packetId))
          this.wake()
        },
      }),
      messageIdProvider: {
        allocate: () => packetIdOf(this.#publishing),
        getLastAllocated: () => packetIdOf(this.#publishing),
        register: () => true,
        deallocate: () => {},
        clear: () => {},
      },
    })
    this.#listen(backoff)
    options.signal.addEventListener('abort', this.#wakeOnAbort, { once: true })
  }

  get ready(): boolean {
    return this.#ready
  }

  get failed(): AbortSignal {
    return this.#failed.signal
  }

  get state(): ReplayState {
    return { ...this.#flight.position, sent: this.#flight.sent, refused: this.refused }
  }

  /** What the broker lets be unacknowledged; the library leaves [MQTT-3.3.4-9] to us. */
  get windowMax(): number {
    return this.#client.serverProperties?.receiveMaximum ?? windowRowsMax
  }

  /** Resolves when something was acknowledged, or the connection came, went or failed. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#changes.push(resolve))
  }

  publish(row: number, payload: string, again: boolean): void {
    const { topic, qos, retain } = this.#options
    if (again) this.resent += 1
    this.#publishing = row
    this.#client.publish(topic, payload, { qos, retain, dup: again && qos > 0 }, (error) => {
      if (qos === 0) this.#flight.markDone(row)
      const code = error === undefined || error === null ? undefined : (error as ErrorWithReasonCode).code
      if (code !== undefined && code !== packetIdentifierNotFound) this.refused.push(row)
      this.wake()
    })
  }

  /** No further attempt can help. */
  fail(error: unknown): void {
    this.#ready = false
    this.#failed.abort(error)
    this.#client.end(true)
    this.wake()
  }

  wake(): void {
    for (const resolve of this.#changes.splice(0)) resolve()
  }

  /** Makes the state durable as it is now. */
  commit(): Promise<void> {
    return this.#journal.commit(this.state)
  }

  /** Takes no more answers, and makes the last state durable: no write of the journal is left behind. */
  settle(): Promise<void> {
    this.#ready = false
    this.#epoch += 1
    return this.commit()
  }

  /** Ends the session too, once all is done: nobody will come back for it. */
  async finish(): Promise<void> {
    const deadline = Promise.withResolvers<void>()
    using _timer = this.#options.clock.after(disconnectMsMax, deadline.resolve)
    if (this.#client.connected) await Promise.race([this.#endSession(), deadline.promise])
  }

  async #endSession(): Promise<void> {
    const { url, protocolVersion, log } = this.#options
    if (protocolVersion === 5) return this.#client.endAsync({ properties: { sessionExpiryInterval: 0 } })
    await this.#client.endAsync()
    // A session ends only by a clean one: v3.1.1 [MQTT-3.1.2-6]
    const options = { clientId: this.#journal.saved.clientId, protocolVersion, clean: true, reconnectPeriod: 0 }
    try {
      await (await connectAsync(url, options)).endAsync()
    } catch (error) {
      log(
        `the session ${options.clientId} stays at ${shownUrl(url)}: ${error instanceof Error ? error.message : error}`,
      )
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ready = false
    this.#options.signal.removeEventListener('abort', this.#wakeOnAbort)
    this.#client.end(true)
    this.#client.stream.destroy()
  }

  /** [MQTT-4.3.3-4] PUBREL follows PUBREC: here once the disk knows of it, and in the order of the rows. */
  #hold(packetId: number, release: () => void): void {
    // The library may hand on a PUBREC of the connection before: that row is sent again.
    if (!this.#ready) return
    const row = this.#flight.rowOf(packetId)
    this.#flight.markReceived(row)
    this.#held.push({ row, release })
    if (!this.#releasing) void this.#releaseHeld().catch((error: unknown) => this.fail(error))
  }

  async #releaseHeld(): Promise<void> {
    this.#releasing = true
    try {
      for (let due = this.#takeDue(); due.length > 0; due = this.#takeDue()) {
        const epoch = this.#epoch
        await this.commit()
        if (epoch !== this.#epoch) continue
        // One write for all of them.
        const { stream } = this.#client
        stream.cork()
        for (const { release } of due) release()
        stream.uncork()
      }
    } finally {
      this.#releasing = false
    }
  }

  #takeDue(): readonly HeldRelease[] {
    const { received } = this.#flight.position
    const due = this.#held.filter(({ row }) => row < received)
    this.#held = this.#held.filter(({ row }) => row >= received)
    return due
  }

  #listen(backoff: Backoff): void {
    const { log, qos } = this.#options
    const url = shownUrl(this.#options.url)
    const { clientId } = this.#journal.saved
    this.#client.on('packetreceive', (packet) => {
      if (packet.cmd !== 'connack' || packet.sessionPresent) return
      const open = this.#flight.forget()
      if (open === 0 || qos !== 2) return
      this.uncertain += open
      log(`${url} has lost the session: ${open} rows that it may have had are sent again`)
    })
    this.#client.on('connect', () => {
      backoff.reset()
      void this.#begin().catch((error: unknown) => this.fail(error))
    })
    this.#client.on('close', () => {
      if (this.#ready) log(`connection to ${url} lost; trying again`)
      this.#ready = false
      this.#epoch += 1
      this.#held = []
      this.#client.options.reconnectPeriod = backoff.next()
      this.wake()
    })
    this.#client.on('error', (error) => {
      const refusal = connectRefusal(error, clientId, url)
      if (refusal !== undefined) this.fail(refusal)
    })
    this.#client.on('disconnect', ({ reasonCode }) => {
      const refusal = disconnectRefusal(reasonCode, clientId, url)
      if (refusal !== undefined) this.fail(refusal)
    })
  }

  async #begin(): Promise<void> {
    const epoch = this.#epoch
    this.#flight.rewind()
    // A position that went back with a lost session must be on disk before its rows are sent again.
    await this.commit()
    if (epoch !== this.#epoch) return
    this.#options.log(`connected to ${shownUrl(this.#options.url)}`)
    this.#ready = true
    this.wake()
  }
}
