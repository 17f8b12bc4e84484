/** User name and password of CONNECT, compared with a file. */
import { createHmac } from 'node:crypto'
import type { Candidate } from '@hawser/broker'
import type { Clock, Random } from '@hawser/std'
import { BoundedCache } from '../bounded-cache.ts'
import {
  type AuthenticationMethod,
  accepted,
  notMine,
  tooBusy,
  unavailable,
  type Verdict,
  wrongCredentials,
} from '../method.ts'
import { WorkGate, type WorkLimits } from '../work-gate.ts'
import type { PasswordHasher } from './hasher.ts'
import { digestOf, type StoredHash } from './stored-hash.ts'
import type { StoredPasswords } from './stored-passwords.ts'

export interface PasswordMethodOptions {
  readonly passwords: StoredPasswords
  readonly hasher: PasswordHasher
  readonly clock: Clock
  readonly random: Random
  readonly limits?: Partial<PasswordLimits>
}

export interface PasswordLimits extends WorkLimits {
  /** How long a password that was right is known without hashing it again; 0: never. */
  readonly rememberedMs: number
  readonly rememberedMax: number
}

/**
 * Two hashes at a time leave the process's other threads to the disk. Some 25 of argon2id a second on a busy machine of
 * two cores: who would wait longer than a client does is better told to come again.
 */
export const passwordLimits: PasswordLimits = {
  runningMax: 2,
  waitingMax: 256,
  rememberedMs: 3_600_000,
  rememberedMax: 10_000,
}

export class PasswordMethod implements AuthenticationMethod {
  readonly name = 'password'
  readonly #passwords: StoredPasswords
  readonly #hasher: PasswordHasher
  readonly #limits: PasswordLimits
  readonly #gate: WorkGate
  /**
   * Ten thousand clients that come back at once would hash for minutes. Only right passwords are in it, under a key
   * that dies with the process, so that nothing is told to whoever does not know one already.
   */
  readonly #remembered: BoundedCache<true>
  readonly #key: Uint8Array
  #closed = false

  constructor({ passwords, hasher, clock, random, limits }: PasswordMethodOptions) {
    this.#passwords = passwords
    this.#hasher = hasher
    this.#limits = { ...passwordLimits, ...limits }
    this.#gate = new WorkGate(this.#limits)
    this.#remembered = new BoundedCache(clock, this.#limits.rememberedMax)
    this.#key = random.bytes(32)
  }

  async authenticate({ username, password }: Candidate): Promise<Verdict> {
    if (username === undefined || password === undefined) return notMine
    if (this.#closed) return unavailable
    const known = this.#passwords.find(username)
    const key = known === undefined ? '' : this.#keyOf(username, known, password)
    if (known !== undefined && this.#remembered.get(key) === true) return this.#accepted(username, known)
    const stored = known ?? this.#passwords.dummyFor(username)
    const right = await this.#gate.run(() => this.#verify(stored, password))
    if (right === undefined) return this.#closed ? unavailable : tooBusy
    if (right === 'failed') return unavailable
    // The file may have changed while the hash was computed.
    if (known === undefined || !right || !this.#passwords.still(username, known)) return wrongCredentials
    this.#remembered.set(key, true, this.#limits.rememberedMs)
    return this.#accepted(username, known)
  }

  knows(username: string): boolean {
    return this.#passwords.find(username) !== undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#remembered.clear()
    this.#gate[Symbol.dispose]()
  }

  #accepted(username: string, known: StoredHash): Verdict {
    return { ...accepted(username), holds: () => this.#passwords.still(username, known) }
  }

  async #verify(stored: StoredHash, password: Uint8Array): Promise<boolean | 'failed'> {
    try {
      return await this.#hasher.verify(stored, password)
    } catch {
      return 'failed'
    }
  }

  /** With the hash as it stands in the file: a changed password is another key. */
  #keyOf(username: string, stored: StoredHash, password: Uint8Array): string {
    const mac = createHmac('sha256', this.#key)
    for (const part of [Buffer.from(username), digestOf(stored), password]) {
      mac.update(`${part.length}:`).update(part)
    }
    return mac.digest('base64')
  }
}
