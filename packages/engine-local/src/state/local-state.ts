/**
 * State rows in LMDB, shared by all processes of a data folder.
 *
 * How LMDB is opened decides whether rows survive: `overlappingSync` off (with it a process killed in a commit left
 * idle survivors with a broken environment), never `useWritemap` (a full disk would be a SIGBUS). Stale readers are
 * looked for by lmdb itself, on opening and while it writes. No read transaction outlives a page of a scan.
 */
import { mkdir, open as openFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StateChange, StateRow, StateStore } from '@hawser/engine'
import { type Clock, HawserError, systemClock } from '@hawser/std'
import { open, type RootDatabase } from 'lmdb'
import { explainFailure } from './failure.ts'
import { type DecodedRow, decodeRow, encodeKey, keyAfter, tableRange } from './row-codec.ts'
import { WriteQueue } from './write-queue.ts'

export interface LocalStateOptions {
  /** The data folder; the rows are in `state` in it. */
  readonly folder: string
  readonly clock?: Clock
  /** A row that a scan came to and passed over: it is not what was written. */
  readonly onDamage?: (error: HawserError) => void
}

const formatVersion = 1
export const formatKey = Buffer.from([0xff, 0x00])
const scanPageRows = 256
const ownerOnly = { folder: 0o700, file: 0o600 } as const

export async function openLocalState(options: LocalStateOptions): Promise<StateStore> {
  const folder = join(options.folder, 'state')
  let database: RootDatabase<Buffer, Buffer>
  try {
    await mkdir(folder, { recursive: true, mode: ownerOnly.folder })
    database = openDatabase(folder)
  } catch (error) {
    throw await explainFailure(error, folder)
  }
  try {
    await checkFormat(database, folder)
    await syncFolder(folder)
    await syncFolder(options.folder)
  } catch (error) {
    await database.close()
    throw await explainFailure(error, folder)
  }
  return new LocalState(database, folder, options)
}

/** `readOnly`: for who only looks, or copies. */
export function openDatabase(path: string, readOnly = false): RootDatabase<Buffer, Buffer> {
  const options = {
    path,
    encoding: 'binary',
    keyEncoding: 'binary',
    overlappingSync: false,
    // The write queue batches; lmdb's own batches keep a promise that nobody can catch when a commit fails.
    eventTurnBatching: false,
    noReadAhead: true,
    maxDbs: 1,
    permissionsMode: ownerOnly.file,
    readOnly,
  } as const
  return open<Buffer, Buffer>(options)
}

async function checkFormat(database: RootDatabase<Buffer, Buffer>, folder: string): Promise<void> {
  const stored = database.getBinary(formatKey)
  if (stored === undefined) {
    await database.put(formatKey, Buffer.of(formatVersion))
    return
  }
  if (stored[0] === formatVersion) return
  throw new HawserError('DATA_DIR_VERSION', `the state in ${folder} has format ${stored[0]}, not ${formatVersion}`, {
    mend: 'start the version of Hawser that wrote it, or choose another data folder',
  })
}

/** New files survive a loss of power only once the folders that name them are on disk. */
async function syncFolder(path: string): Promise<void> {
  await using folder = await openFile(path)
  await folder.sync()
}

class LocalState implements StateStore {
  readonly #database: RootDatabase<Buffer, Buffer>
  readonly #folder: string
  readonly #writes: WriteQueue
  readonly #onDamage: (error: HawserError) => void
  #closing: Promise<void> | undefined

  constructor(database: RootDatabase<Buffer, Buffer>, folder: string, options: LocalStateOptions) {
    this.#database = database
    this.#folder = folder
    this.#writes = new WriteQueue(database, folder, options.clock ?? systemClock)
    this.#onDamage = options.onDamage ?? (() => undefined)
  }

  async get(table: string, key: string): Promise<StateRow | undefined> {
    this.#mustBeOpen()
    const encoded = encodeKey(table, key)
    const stored = await this.#reading(() => this.#database.getBinary(encoded.key))
    if (stored === undefined) return undefined
    try {
      const { value, revision } = decodeRow(table, encoded.key, stored)
      return { value, revision }
    } catch (error) {
      if (error instanceof HawserError) this.#onDamage(error)
      throw error
    }
  }

  async write(changes: readonly StateChange[]): Promise<'applied' | 'conflict'> {
    this.#mustBeOpen()
    return this.#writes.write(changes)
  }

  async *scan(table: string, from = ''): AsyncGenerator<StateRow & { readonly key: string }> {
    const least = Buffer.from(from)
    let { start, end } = tableRange(table, from)
    for (;;) {
      this.#mustBeOpen()
      const page = await this.#reading(() => [...this.#database.getRange({ start, end, limit: scanPageRows })])
      for (const { key: storedKey, value: stored } of page) {
        const row = this.#soundRow(table, storedKey, stored)
        if (row === undefined) continue
        const { key, value, revision } = row
        if (Buffer.compare(key, least) >= 0) yield { key: key.toString(), value, revision }
      }
      const last = page.at(-1)
      if (last === undefined || page.length < scanPageRows) return
      start = keyAfter(last.key)
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#writes.drained()
    if (!this.#writes.isBroken) await this.#database.close()
  }

  /** One damaged row must not keep the others from being read. */
  #soundRow(table: string, storedKey: Buffer, stored: Buffer): DecodedRow | undefined {
    try {
      return decodeRow(table, storedKey, stored)
    } catch (error) {
      if (!(error instanceof HawserError)) throw error
      this.#onDamage(error)
      return undefined
    }
  }

  #mustBeOpen(): void {
    if (this.#closing !== undefined) throw new HawserError('STATE_FAILED', 'the state is closed')
  }

  async #reading<Result>(read: () => Result): Promise<Result> {
    try {
      // lmdb keeps a snapshot for the turn: what another process has written, and told of, since it was taken counts.
      this.#database.resetReadTxn()
      return read()
    } catch (error) {
      throw await explainFailure(error, this.#folder)
    }
  }
}
