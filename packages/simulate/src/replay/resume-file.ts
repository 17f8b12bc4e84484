/**
 * Where a replay stands, on disk, so that another process can go on. It is replaced as a whole (written beside, synced,
 * renamed, its folder synced), so that a reader finds the old or the new, never a half.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile, rename } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { HawserError } from '@hawser/std'
import type { FlightPosition } from './flight.ts'

const formatVersion = 1

/** What must be the same for a replay to go on: other rows or another session would not fit the position. */
export interface ReplayIdentity {
  readonly sha256: string
  readonly topic: string
  readonly qos: number
}

export interface ReplayState extends FlightPosition {
  /** Rows sent at least once; may lag behind. */
  readonly sent: number
  /** Rows that the broker refused. */
  readonly refused: readonly number[]
}

export interface SavedReplay extends ReplayIdentity, ReplayState {
  readonly clientId: string
}

export interface ReplayJournal {
  readonly saved: SavedReplay
  /** Resolves once this state, or a later one, is on disk. */
  commit(state: ReplayState): Promise<void>
}

/** For a replay that nobody will resume. */
export const noJournal = (saved: SavedReplay): ReplayJournal => ({ saved, commit: () => Promise.resolve() })

export async function openJournal(path: string, begin: SavedReplay): Promise<ReplayJournal> {
  const found = await readSaved(path)
  if (found !== undefined) refuseOther(path, found, begin)
  const saved = found ?? begin
  const journal = new FileJournal(path, saved)
  if (found === undefined) await journal.commit(saved)
  return journal
}

class FileJournal implements ReplayJournal {
  readonly saved: SavedReplay
  readonly #path: string
  #latest: ReplayState
  #writing: Promise<void> = Promise.resolve()
  #queued: Promise<void> | undefined

  constructor(path: string, saved: SavedReplay) {
    this.#path = path
    this.saved = saved
    this.#latest = saved
  }

  /** One write at a time; those who ask during a write share the next one. */
  commit(state: ReplayState): Promise<void> {
    this.#latest = state
    if (this.#queued === undefined) {
      const queued = this.#writing.then(() => {
        this.#queued = undefined
        return this.#write()
      })
      this.#queued = queued
      this.#writing = queued
    }
    return this.#queued
  }

  async #write(): Promise<void> {
    const { sha256, topic, qos, clientId } = this.saved
    const { completed, received, sent, refused } = this.#latest
    const content = { version: formatVersion, sha256, topic, qos, clientId, completed, received, sent, refused }
    try {
      await replaceFile(this.#path, `${JSON.stringify(content)}\n`)
    } catch (cause) {
      throw unusable(this.#path, cause)
    }
  }
}

async function replaceFile(path: string, content: string): Promise<void> {
  const beside = `${path}.tmp`
  {
    await using file = await open(beside, 'w')
    await file.writeFile(content)
    await file.datasync()
  }
  await rename(beside, path)
  await using folder = await open(dirname(resolve(path)))
  await folder.sync()
}

async function readSaved(path: string): Promise<SavedReplay | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw unusable(path, cause)
  }
  const saved = parseSaved(text)
  if (saved !== undefined) return saved
  throw new HawserError('DATA_DIR_VERSION', `${path} is no resume file of this version of hawser`, {
    mend: 'name another file with --resume',
  })
}

function parseSaved(text: string): SavedReplay | undefined {
  let value: Partial<SavedReplay & { version: number }> | null
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const { version, sha256, topic, qos, clientId, completed, received, sent, refused } = value ?? {}
  const counts = [qos, completed, received, sent].every((count) => Number.isSafeInteger(count))
  const texts = [sha256, topic, clientId].every((part) => typeof part === 'string')
  if (version !== formatVersion || !counts || !texts || !Array.isArray(refused)) return undefined
  return value as SavedReplay
}

function refuseOther(path: string, found: ReplayIdentity, asked: ReplayIdentity): void {
  for (const [what, label] of [
    ['sha256', 'other content of the recording'],
    ['topic', 'another topic'],
    ['qos', 'another QoS'],
  ] as const) {
    if (found[what] === asked[what]) continue
    throw new HawserError('USAGE', `${path} belongs to a replay with ${label}`, {
      mend: 'name another file with --resume, or delete this one to begin anew',
    })
  }
}

const unusable = (path: string, cause: unknown): HawserError =>
  new HawserError('DATA_DIR_UNUSABLE', `the resume file ${path} cannot be used: ${messageOf(cause)}`, {
    mend: 'name a file in a writable folder with --resume',
    cause,
  })

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** The recording's size, and the fingerprint by which a resume recognises it. */
export async function fingerprint(path: string): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      hash.update(chunk)
      bytes += chunk.length
    }
  } catch (cause) {
    throw new HawserError('USAGE', `cannot read ${path}: ${messageOf(cause)}`, { mend: 'name a readable file', cause })
  }
  return { bytes, sha256: hash.digest('hex') }
}
