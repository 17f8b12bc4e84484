/**
 * Rows that all nodes share. What changes them goes through one stream, in one order; each node applies it to rows of
 * its own in memory. So a group of changes is atomic however large it is, and a scan reads no server.
 */
import type { StateChange, StateRow, StateStore } from '@hawser/engine'
import { type Clock, disposable, HawserError } from '@hawser/std'
import { type JetStreamClient, jetstream } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { refusalOf } from '../stream/refusal.ts'
import type { StoredMessage } from '../stream/stored-messages.ts'
import { StreamFollower } from '../stream/stream-follower.ts'
import type { Streams } from '../stream/streams.ts'
import { keyAfter } from './key-order.ts'
import { encodeWrite } from './proposal.ts'
import { Proposals } from './proposals.ts'
import { Snapshots } from './snapshots.ts'
import { StateMachine } from './state-machine.ts'
import type { Table } from './table.ts'

export interface NatsStateOptions {
  readonly connection: NatsConnection
  readonly streams: Streams
  readonly prefix: string
  /** Of this life of this node, and of no other one. */
  readonly writer: string
  readonly clock: Clock
  /** Nothing can be read or written any more. */
  readonly onEnded: (error: HawserError) => void
  /** A fault of work in the background, which loses nothing. */
  readonly onFault: (error: HawserError) => void
  /** The stream of changes may grow by so much, or by as much as the rows have, until a snapshot is taken. */
  readonly snapshotBytesMin?: number
}

export interface NatsState extends StateStore {
  /** Called whenever something in the table was changed here by what any node has written. */
  onChanged(table: string, listener: () => void): Disposable
  /** All rows of a table as they are here now, which may be behind. */
  peek(table: string): readonly (StateRow & { readonly key: string })[]
}

/** Of a message, less what stands ahead of it. */
const partBytesMax = 512 << 10
const snapshotBytesMinByDefault = 32 << 20

export async function openNatsState(options: NatsStateOptions): Promise<NatsState> {
  const { connection, streams, prefix, clock } = options
  const stateStream = `${prefix}_state`
  await streams.ensure({
    name: stateStream,
    subjects: [subjectOf(prefix)],
    toldSubject: toldSubjectOf(prefix),
  })
  const read = { connection, clock }
  const snapshots = new Snapshots({ read, jetstream: jetstream(connection), streams, prefix, stateStream })
  await snapshots.open()
  const { machine, sequence } = await snapshots.load(() => new StateMachine())
  const state = new ReplicatedState({ snapshotBytesMin: snapshotBytesMinByDefault, ...options }, machine, {
    snapshots,
    stream: stateStream,
    from: sequence + 1,
  })
  await state.caughtUp()
  return state
}

const subjectOf = (prefix: string): string => `${prefix}.state.log`
const toldSubjectOf = (prefix: string): string => `${prefix}.state.told`

interface Start {
  readonly snapshots: Snapshots
  readonly stream: string
  readonly from: number
}

class ReplicatedState implements NatsState {
  readonly #options: Required<NatsStateOptions>
  readonly #jetstream: JetStreamClient
  readonly #machine: StateMachine
  readonly #snapshots: Snapshots
  readonly #follower: StreamFollower
  readonly #proposals: Proposals
  readonly #watches = new Set<Watch>()
  #bytesSinceSnapshot = 0
  #snapshot: Promise<void> | undefined
  #ended: HawserError | undefined
  #closing: Promise<void> | undefined

  constructor(options: Required<NatsStateOptions>, machine: StateMachine, { snapshots, stream, from }: Start) {
    const { connection, prefix, writer, clock } = options
    this.#options = options
    this.#machine = machine
    this.#snapshots = snapshots
    this.#jetstream = jetstream(connection)
    this.#proposals = new Proposals({ writer, partBytesMax, clock, publish: (message) => this.#publish(message) })
    this.#follower = new StreamFollower({
      connection,
      stream,
      toldSubject: toldSubjectOf(prefix),
      clock,
      from,
      take: (message) => this.#apply(message),
      onGone: () => this.#fail(new HawserError('STATE_FAILED', 'a part of the state is gone', { mend: 'start again' })),
    })
  }

  async caughtUp(): Promise<void> {
    await this.#proposals.propose()
  }

  onChanged(table: string, listener: () => void): Disposable {
    const watch = { table: this.#machine.table(table), listener, changes: this.#machine.table(table).changes }
    this.#watches.add(watch)
    return disposable(() => this.#watches.delete(watch))
  }

  peek(table: string): readonly (StateRow & { readonly key: string })[] {
    return Array.from(this.#machine.table(table).entriesFrom(''), ([key, row]) => ({ key, ...row }))
  }

  async get(table: string, key: string): Promise<StateRow | undefined> {
    this.#mustBeOpen()
    await this.#proposals.propose()
    const row = this.#machine.get(table, key)
    return row && copyOf(row)
  }

  async write(changes: readonly StateChange[]): Promise<Outcome> {
    this.#mustBeOpen()
    return changes.length === 0 ? 'applied' : this.#proposals.propose(encodeWrite(changes))
  }

  async *scan(table: string, from = ''): AsyncGenerator<StateRow & { readonly key: string }> {
    this.#mustBeOpen()
    await this.#proposals.propose()
    const rows = this.#machine.table(table)
    let at = from
    for (let keys = rows.keysFrom(at); keys.length > 0; keys = rows.keysFrom(at)) {
      for (const key of keys) {
        this.#mustBeOpen()
        const row = rows.get(key)
        if (row !== undefined) yield { key, ...copyOf(row) }
        at = keyAfter(key)
      }
      await new Promise(setImmediate)
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const error = this.#ended ?? new HawserError('STATE_FAILED', 'the state is closed')
    this.#ended = error
    await this.#proposals.close(error)
    await this.#snapshot
    this.#follower.close()
    this.#watches.clear()
  }

  /** Rejects with a `HawserError` only where the servers have refused it. */
  async #publish(message: Buffer): Promise<void> {
    try {
      const { seq } = await this.#jetstream.publish(subjectOf(this.#options.prefix), message)
      await this.#follower.reached(seq)
    } catch (error) {
      throw refusalOf(error) ?? error
    }
  }

  #apply({ sequence, data }: StoredMessage): boolean {
    if (this.#ended !== undefined && this.#closing === undefined) return false
    try {
      const batch = this.#machine.apply(data)
      this.#bytesSinceSnapshot += data.length
      if (batch === undefined) return true
      this.#proposals.applied(batch)
      if (batch.writer === this.#options.writer) this.#shorten(sequence)
    } catch (error) {
      this.#fail(error instanceof HawserError ? error : damaged(error))
      return false
    }
    for (const watch of [...this.#watches]) tellIfChanged(watch)
    return true
  }

  /** Who has made the stream too long takes a snapshot. */
  #shorten(sequence: number): void {
    const bytesMax = Math.max(this.#options.snapshotBytesMin, this.#machine.bytes)
    if (this.#snapshot !== undefined || this.#bytesSinceSnapshot < bytesMax) return
    this.#bytesSinceSnapshot = 0
    this.#snapshot = this.#snapshots
      .take(this.#machine, sequence)
      .then(() => undefined, this.#snapshotFailed)
      .finally(() => {
        this.#snapshot = undefined
      })
  }

  /** Nothing is lost: the stream is longer, and the next one is taken later. */
  readonly #snapshotFailed = (cause: unknown): void => {
    if (this.#ended !== undefined) return
    const why = cause instanceof Error ? cause.message : String(cause)
    this.#options.onFault(
      new HawserError('STATE_FAILED', `no snapshot of the state: ${why}`, { retryable: true, cause }),
    )
  }

  #fail(error: HawserError): void {
    this.#ended ??= error
    this.#proposals.fail(error)
    this.#options.onEnded(error)
  }

  #mustBeOpen(): void {
    if (this.#ended !== undefined) throw this.#ended
  }
}

type Outcome = 'applied' | 'conflict'

interface Watch {
  readonly table: Table
  readonly listener: () => void
  /** Of the table, when it was last looked at. */
  changes: number
}

function tellIfChanged(watch: Watch): void {
  const { changes } = watch.table
  if (watch.changes === changes) return
  watch.changes = changes
  watch.listener()
}

const copyOf = ({ value, revision }: StateRow): StateRow => ({ value: Buffer.from(value), revision })

const damaged = (cause: unknown): HawserError =>
  new HawserError('DATA_CORRUPT', 'a message of the state is damaged', { cause, mend: 'look at the servers’ disks' })
