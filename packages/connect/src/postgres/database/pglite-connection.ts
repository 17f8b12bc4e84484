/** One life of the embedded database's worker thread, and the lock of its folder. */
import { Worker } from 'node:worker_threads'
import { HawserError } from '@hawser/std'
import { lockFolder } from '../../folder-lock.ts'
import type { QueryResult, SqlParameter, SqlRow } from './database.ts'
import { beginFolder, databaseFolder, finishFolder } from './pglite-folder.ts'
import { closeRequest, type Reply, type Request, type WorkerInput } from './pglite-protocol.ts'
import { SqlError } from './sql-errors.ts'

interface Waiting {
  readonly resolve: (result: QueryResult<SqlRow>) => void
  readonly reject: (error: unknown) => void
}

export class PGliteConnection {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  readonly #opened = Promise.withResolvers<void>()
  readonly #ended = Promise.withResolvers<void>()
  #nextId = 0
  #alive = true

  /** An abort ends it while it opens; a folder that was not finished then is begun anew the next time. */
  static async open(folder: string, signal: AbortSignal): Promise<PGliteConnection> {
    const lock = await lockFolder(folder)
    const { isNew, connection } = await PGliteConnection.#begin(folder, lock, signal).catch((error: unknown) => {
      lock[Symbol.dispose]()
      throw error
    })
    const end = (): void => void connection.terminate()
    signal.addEventListener('abort', end, { once: true })
    try {
      await connection.#opened.promise
      if (isNew) await finishFolder(folder)
      return connection
    } catch (error) {
      await connection.terminate()
      throw isNew ? unavailable(error) : error
    } finally {
      signal.removeEventListener('abort', end)
    }
  }

  static async #begin(
    folder: string,
    lock: Disposable,
    signal: AbortSignal,
  ): Promise<{ readonly isNew: boolean; readonly connection: PGliteConnection }> {
    const isNew = await beginFolder(folder)
    signal.throwIfAborted()
    return { isNew, connection: new PGliteConnection({ folder: databaseFolder(folder) }, lock) }
  }

  private constructor(workerData: WorkerInput, lock: Disposable) {
    // Compiled code has another suffix than its source.
    const suffix = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
    this.#worker = new Worker(new URL(`./pglite-worker${suffix}`, import.meta.url), { workerData })
    this.#worker.on('message', (reply: Reply) => this.#take(reply))
    this.#worker.on('error', (error) => this.#fail(error))
    this.#worker.on('exit', () => {
      this.#fail(new Error('its thread has ended'))
      lock[Symbol.dispose]()
      this.#ended.resolve()
    })
  }

  get alive(): boolean {
    return this.#alive
  }

  query(sql: string, parameters: readonly SqlParameter[]): Promise<QueryResult<SqlRow>> {
    if (!this.#alive) return Promise.reject(unavailable(new Error('its thread has ended')))
    const id = this.#nextId++
    const { promise, resolve, reject } = Promise.withResolvers<QueryResult<SqlRow>>()
    this.#waiting.set(id, { resolve, reject })
    this.#worker.postMessage({ id, sql, parameters } satisfies Request)
    return promise
  }

  /** Lets the statements under way finish. */
  async close(): Promise<void> {
    if (this.#alive) this.#worker.postMessage(closeRequest)
    await this.#ended.promise
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate()
    await this.#ended.promise
  }

  #take(reply: Reply): void {
    switch (reply.kind) {
      case 'opened':
        this.#opened.resolve()
        return
      case 'not-opened':
        this.#opened.reject(notOpened(reply.message))
        return
      case 'result':
        this.#settle(reply.id)?.resolve(reply.result)
        return
      case 'error': {
        const { sqlState, message } = reply
        this.#settle(reply.id)?.reject(
          sqlState === undefined ? unavailable(new Error(message)) : new SqlError(sqlState, message),
        )
        return
      }
      default:
        throw reply satisfies never
    }
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }

  #fail(cause: Error): void {
    this.#alive = false
    const error = unavailable(cause)
    this.#opened.reject(error)
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}

function unavailable(cause: unknown): HawserError {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new HawserError('SINK_UNAVAILABLE', `embedded database: ${message}`, { retryable: true, cause })
}

const notOpened = (message: string): HawserError =>
  new HawserError('DATA_CORRUPT', `the embedded database does not open: ${message}`, {
    mend: 'move its folder away, and it is filled again from the log',
  })
