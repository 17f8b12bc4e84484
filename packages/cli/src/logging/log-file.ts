/**
 * The log of a whole Hawser: JSON lines in the data folder, rotated by size and bounded in number. It is written at
 * once and synchronously, so that the last line before a crash is there; only the supervisor writes it, and little.
 */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { LogEntry } from './logger.ts'

export interface LogFileLimits {
  readonly fileBytesMax: number
  readonly filesMax: number
}

export class LogFile implements Disposable {
  readonly path: string
  readonly #limits: LogFileLimits
  #file: number
  #bytes: number
  #lost = 0

  constructor(folder: string, limits: LogFileLimits) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.path = join(folder, 'hawser.log')
    this.#limits = limits
    this.#file = openSync(this.path, 'a', 0o600)
    this.#bytes = fstatSync(this.#file).size
  }

  /** Entries that a full disk swallowed; the terminal had them. */
  get lost(): number {
    return this.#lost
  }

  write(entry: LogEntry): void {
    const line = Buffer.from(`${JSON.stringify(entry)}\n`)
    try {
      if (this.#bytes > 0 && this.#bytes + line.length > this.#limits.fileBytesMax) this.#rotate()
      writeSync(this.#file, line)
      this.#bytes += line.length
    } catch {
      this.#lost++
    }
  }

  #rotate(): void {
    for (let number = this.#limits.filesMax - 1; number > 0; number--) {
      const from = number === 1 ? this.path : `${this.path}.${number - 1}`
      renameIfThere(from, `${this.path}.${number}`)
    }
    const fresh = openSync(this.path, 'w', 0o600)
    closeSync(this.#file)
    this.#file = fresh
    this.#bytes = 0
  }

  [Symbol.dispose](): void {
    closeSync(this.#file)
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
