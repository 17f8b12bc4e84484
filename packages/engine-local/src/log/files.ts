/** The few blocking file operations of the write path, as a port: a test makes any of them fail. */
import { closeSync, fdatasyncSync, fsyncSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'

export type FileHandleNumber = number

export type FileMode = 'create' | 'update' | 'read'
const openFlags = { create: 'wx+', update: 'r+', read: 'r' } as const satisfies Record<FileMode, string>

export interface FilePort {
  /** Opens a file, except for `read` for writing too; `create` makes one that must not be there yet. */
  open(path: string, mode: FileMode): FileHandleNumber
  /** May write less than asked for. */
  write(file: FileHandleNumber, bytes: Buffer, offset: number, length: number, at: number): number
  read(file: FileHandleNumber, bytes: Buffer, offset: number, length: number, at: number): number
  sync(file: FileHandleNumber): void
  truncate(file: FileHandleNumber, length: number): void
  close(file: FileHandleNumber): void
  /** Removes a file; one that is not there is fine. */
  remove(path: string): void
  /** Makes what was created, renamed or removed in the folder durable. */
  syncFolder(path: string): void
}

export const nodeFiles: FilePort = {
  open: (path, mode) => openSync(path, openFlags[mode], 0o600),
  write: (file, bytes, offset, length, at) => writeSync(file, bytes, offset, length, at),
  read: (file, bytes, offset, length, at) => readSync(file, bytes, offset, length, at),
  sync: (file) => fdatasyncSync(file),
  truncate: (file, length) => ftruncateSync(file, length),
  close: (file) => closeSync(file),
  remove(path) {
    try {
      unlinkSync(path)
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
    }
  },
  syncFolder(path) {
    const folder = openSync(path, 'r')
    try {
      fsyncSync(folder)
    } finally {
      closeSync(folder)
    }
  },
}

export const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** Whether room on the disk would mend it. */
export const isDiskFull = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes(errorCode(error))

/** Writes all of it, however short the single writes are. */
export function writeAll(files: FilePort, file: FileHandleNumber, bytes: Buffer, at: number): void {
  for (let done = 0; done < bytes.length; ) done += files.write(file, bytes, done, bytes.length - done, at + done)
}

/** Reads as much as there is, up to `bytes.length`. */
export function readUpTo(files: FilePort, file: FileHandleNumber, bytes: Buffer, at: number): number {
  let done = 0
  while (done < bytes.length) {
    const count = files.read(file, bytes, done, bytes.length - done, at + done)
    if (count === 0) break
    done += count
  }
  return done
}
