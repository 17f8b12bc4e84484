/** An open folder of logs. What is written counts once the checkpoint names it; all else is cut off at opening. */
import { type FileHandle, open, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cursor, LogId } from '@hawser/engine'
import { type Clock, type EpochMicros, HawserError } from '@hawser/std'
import type { DeadLetters, Message, MessageBatch, Sink, WriteOutcome } from '../connector.ts'
import { lockFolder } from '../folder-lock.ts'
import { messageJson } from '../message/message-json.ts'
import { type FileCheckpoint, readCheckpoint, removeFile, syncFolder, writeCheckpoint } from './checkpoint.ts'
import { asSinkError } from './file-errors.ts'
import { listLogFiles, plainName } from './file-names.ts'
import type { FileLimits } from './limits.ts'
import { retireFiles } from './retire.ts'

export interface FileSinkOptions {
  readonly folder: string
  readonly logId: LogId
  readonly clock: Clock
  readonly limits: FileLimits
  readonly onTidyError: (error: unknown) => void
}

type WritePlace = Pick<FileCheckpoint, 'sequence' | 'bytes' | 'startedAt'>

export async function openFileSink(options: FileSinkOptions): Promise<Sink> {
  const { folder, logId, clock } = options
  const lock = await asSinkError(() => lockFolder(folder))
  try {
    return await asSinkError(async () => {
      const checkpoint = (await readCheckpoint(folder)) ?? (await firstCheckpoint(folder, logId, clock))
      await cutToCheckpoint(folder, checkpoint)
      return new FileSink(options, lock, checkpoint)
    })
  } catch (error) {
    lock[Symbol.dispose]()
    throw error
  }
}

/** Written before the first line, so that files without a checkpoint are never taken for ours to cut. */
async function firstCheckpoint(folder: string, logId: LogId, clock: Clock): Promise<FileCheckpoint> {
  const [stranger] = await listLogFiles(folder)
  if (stranger !== undefined) {
    throw new HawserError('DATA_CORRUPT', `${folder} has ${stranger.name}, but no checkpoint`, {
      mend: 'restore the checkpoint, or move the files away and they are written again from the log',
    })
  }
  const checkpoint = { logId, sequence: 1, bytes: 0, startedAt: clock.wallMicros(), cursor: new Map() }
  await writeCheckpoint(folder, checkpoint)
  return checkpoint
}

/** Removes what was written after the checkpoint: those lines come again from the log. */
async function cutToCheckpoint(folder: string, { sequence, bytes }: FileCheckpoint): Promise<void> {
  for (const file of await listLogFiles(folder)) {
    if (file.sequence > sequence) await removeFile(join(folder, file.name))
  }
  if (bytes === 0) return
  const path = join(folder, plainName(sequence))
  const size = await sizeOf(path)
  if (size < bytes) {
    throw new HawserError('DATA_CORRUPT', `${path} has ${size} bytes of the ${bytes} that were written`, {
      mend: 'restore it, or move the folder away and it is written again from the log',
    })
  }
  await truncate(path, bytes)
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0
    throw error
  }
}

class FileSink implements Sink {
  readonly checkpoint: FileCheckpoint | undefined
  readonly #options: FileSinkOptions
  readonly #lock: Disposable
  readonly #closed = new AbortController()
  /** What counts. */
  #current: FileCheckpoint
  #file: FileHandle | undefined
  #retiring: Promise<void>
  /** A replay comes beside the runner's writes. */
  #last: Promise<unknown> = Promise.resolve()
  /** It takes whatever there is: what comes again was refused before it. */
  readonly deadLetters: DeadLetters = {
    list: async () => [],
    replay: (messages) => this.#inTurn(() => this.#append(messages, this.#current.cursor)),
    forget: async () => {},
  }

  constructor(options: FileSinkOptions, lock: Disposable, checkpoint: FileCheckpoint) {
    this.checkpoint = checkpoint.cursor.size === 0 && checkpoint.bytes === 0 ? undefined : checkpoint
    this.#current = checkpoint
    this.#options = options
    this.#lock = lock
    this.#retiring = this.#retire(checkpoint.sequence)
  }

  async write(batch: MessageBatch, signal: AbortSignal): Promise<WriteOutcome> {
    signal.throwIfAborted()
    return this.#inTurn(() => this.#write(batch))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort()
    await this.#last.catch(() => undefined)
    await this.#retiring
    await this.#file?.close()
    this.#lock[Symbol.dispose]()
  }

  /** Behind one that has failed midway all fail, until the files are cut at opening. */
  #inTurn(work: () => Promise<WriteOutcome>): Promise<WriteOutcome> {
    const mine = this.#last.then(() => asSinkError(work))
    this.#last = mine
    return mine
  }

  #write({ partition, until, messages }: MessageBatch): Promise<WriteOutcome> {
    return this.#append(messages, new Map(this.#current.cursor).set(partition, until))
  }

  /** Lines and cursor count together. */
  async #append(messages: readonly Message[], cursor: Cursor): Promise<WriteOutcome> {
    const { folder, logId } = this.#options
    const lines = Buffer.from(messages.map((message) => `${messageJson(logId, message)}\n`).join(''))
    const before = this.#current
    const target = this.#target(lines.length)
    if (lines.length > 0) {
      const file = await this.#fileAt(target)
      await file.appendFile(lines)
      await file.datasync()
    }
    this.#current = { ...target, bytes: target.bytes + lines.length, logId, cursor }
    await writeCheckpoint(folder, this.#current)
    if (before.sequence !== target.sequence) {
      this.#retiring = this.#retiring.then(() => this.#retire(target.sequence))
    }
    return { written: messages.length, duplicates: 0, deadLetters: 0 }
  }

  /** Where `lineBytes` more go: into the file being written, or into a new one. */
  #target(lineBytes: number): WritePlace {
    const { clock, limits } = this.#options
    const current = this.#current
    const now = clock.wallMicros()
    const full = current.bytes + lineBytes > limits.fileBytesMax
    const old = ageOf(now, limits) !== ageOf(current.startedAt, limits)
    if (current.bytes === 0 || lineBytes === 0 || !(full || old)) return current
    return { sequence: current.sequence + 1, bytes: 0, startedAt: now }
  }

  async #fileAt({ sequence, bytes }: WritePlace): Promise<FileHandle> {
    const { folder } = this.#options
    if (bytes > 0 && this.#file !== undefined) return this.#file
    await this.#file?.close()
    this.#file = await open(join(folder, plainName(sequence)), bytes === 0 ? 'w' : 'a', 0o600)
    if (bytes === 0) await syncFolder(folder)
    return this.#file
  }

  /** Failing costs room at most, and it is tried again with the next file and at the next start. */
  async #retire(active: number): Promise<void> {
    const { folder, limits, onTidyError } = this.#options
    const { signal } = this.#closed
    await retireFiles(folder, active, limits.filesMax, signal).catch((error: unknown) => {
      if (!signal.aborted) onTidyError(error)
    })
  }
}

const ageOf = (time: EpochMicros, { fileAgeMsMax }: FileLimits): number => Math.floor(time / 1000 / fileAgeMsMax)
