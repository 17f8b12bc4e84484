/** A file port that fails on demand: given to a worker as a module, and told what to do through shared words. */
import { type FileHandleNumber, type FilePort, nodeFiles } from '../files.ts'

const unlimited = -1

/** The switches, as the test holds them. */
export class Faults {
  readonly words: Int32Array

  constructor(shared = new SharedArrayBuffer(16)) {
    this.words = new Int32Array(shared)
    if (this.#get(3) === 0) {
      this.words.set([unlimited, 0, 0, 1])
    }
  }

  /** What crosses to a worker. */
  get data(): { readonly shared: SharedArrayBuffer } {
    return { shared: this.words.buffer as SharedArrayBuffer }
  }

  /** How many more bytes can be written before the disk is full. */
  set roomBytes(value: number | undefined) {
    Atomics.store(this.words, 0, value ?? unlimited)
  }

  /** How many of the syncs to come fail. */
  set failingSyncs(value: number) {
    Atomics.store(this.words, 1, value)
  }

  /** How often a file was synced again after its sync had failed. */
  get repeatedSyncs(): number {
    return this.#get(2)
  }

  takeRoom(length: number): number {
    const room = this.#get(0)
    if (room === unlimited) return length
    const taken = Math.min(room, length)
    Atomics.sub(this.words, 0, taken)
    return taken
  }

  takeSyncFailure(): boolean {
    if (this.#get(1) === 0) return false
    Atomics.sub(this.words, 1, 1)
    return true
  }

  countRepeatedSync(): void {
    Atomics.add(this.words, 2, 1)
  }

  #get(index: number): number {
    return Atomics.load(this.words, index)
  }
}

const systemError = (code: string): Error => Object.assign(new Error(`${code}: injected`), { code })

export function faultyFiles(faults: Faults): FilePort {
  const failed = new Set<FileHandleNumber>()
  return {
    ...nodeFiles,
    write(file, bytes, offset, length, at) {
      // Every write is short, so that whoever writes must be ready for it.
      const count = faults.takeRoom(Math.max(1, Math.min(length, Math.ceil(length / 2))))
      if (count === 0) throw systemError('ENOSPC')
      return nodeFiles.write(file, bytes, offset, count, at)
    },
    sync(file) {
      if (failed.has(file)) faults.countRepeatedSync()
      if (faults.takeSyncFailure()) {
        failed.add(file)
        throw systemError('EIO')
      }
      nodeFiles.sync(file)
    },
    close(file) {
      failed.delete(file)
      nodeFiles.close(file)
    },
  }
}

export const createFilePort = (data: { readonly shared: SharedArrayBuffer }): FilePort =>
  faultyFiles(new Faults(data.shared))
export const faultyFilesUrl = import.meta.url
