/** The bans in force. They are rows of the store, so that they outlive the process; looking one up costs no I/O. */
import { createHash } from 'node:crypto'
import { BlockList } from 'node:net'
import type { StateStore } from '@hawser/engine'
import { type Clock, HawserError } from '@hawser/std'
import { banTable } from '../journal/tables.ts'
import { addressOf } from '../limits/admission.ts'
import { addressBlock, type Ban, type BanChange, type BanTarget, checkTarget } from './ban.ts'

export interface Candidates {
  readonly clientId: string
  readonly username: string | undefined
  /** `address:port`. */
  readonly remoteAddress: string
}

export type NewBan = BanTarget & Pick<Ban, 'reason' | 'by'> & { readonly seconds: number | undefined }

const keyBytesMax = 1_000

export class BanList {
  readonly #state: StateStore
  readonly #clock: Clock
  readonly #bansMax: () => number
  readonly #bans = new Map<string, Ban>()
  #addresses = new BlockList()
  /** Told of what was changed here, once others can read it. */
  onChange: (change: BanChange) => void = () => undefined

  constructor(state: StateStore, clock: Clock, bansMax: () => number) {
    this.#state = state
    this.#clock = clock
    this.#bansMax = bansMax
  }

  async load(): Promise<void> {
    for await (const { value } of this.#state.scan(banTable)) {
      const ban = JSON.parse(value.toString('utf8')) as Ban
      this.#bans.set(keyOf(ban), ban)
    }
    this.#gatherAddresses()
  }

  get all(): readonly Ban[] {
    return [...this.#bans.values()].filter((ban) => this.#stands(ban))
  }

  bans({ clientId, username, remoteAddress }: Candidates): boolean {
    if (this.#bans.size === 0) return false
    if (this.#has({ kind: 'client-id', value: clientId })) return true
    if (username !== undefined && this.#has({ kind: 'username', value: username })) return true
    const block = addressBlock(addressOf(remoteAddress))
    return block !== undefined && this.#addresses.check(block.address, block.family)
  }

  /** In force at once; resolves when it outlives the process. One for the same target is replaced. */
  async add({ kind, value, reason, by, seconds }: NewBan): Promise<Ban> {
    checkTarget({ kind, value })
    const createdAtMs = this.#nowMs()
    const expiresAtMs = seconds === undefined ? undefined : createdAtMs + seconds * 1_000
    const ban: Ban = { kind, value, reason, by, createdAtMs, expiresAtMs }
    const key = keyOf(ban)
    if (!this.#bans.has(key) && this.#bans.size >= this.#bansMax()) {
      throw new HawserError('USAGE', `there are ${this.#bans.size} bans already`, {
        mend: 'ban a block of addresses instead, or raise limits.bans_max',
      })
    }
    this.#bans.set(key, ban)
    this.#gatherAddresses()
    await this.#state.write([{ table: banTable, key, value: Buffer.from(JSON.stringify(ban)) }])
    this.onChange({ kind: 'added', ban })
    return ban
  }

  /** Answers whether there was one. */
  async remove(target: BanTarget): Promise<boolean> {
    const known = await this.#forget([keyOf(target)])
    if (known) this.onChange({ kind: 'removed', target })
    return known
  }

  /** Another process has changed the rows. */
  take(change: BanChange): void {
    switch (change.kind) {
      case 'added':
        this.#bans.set(keyOf(change.ban), change.ban)
        break
      case 'removed':
        this.#bans.delete(keyOf(change.target))
        break
      default:
        throw change satisfies never
    }
    this.#gatherAddresses()
  }

  /** Forgets those that are over. */
  async tick(): Promise<void> {
    const over = [...this.#bans].filter(([, ban]) => !this.#stands(ban)).map(([key]) => key)
    if (over.length > 0) await this.#forget(over)
  }

  async #forget(keys: readonly string[]): Promise<boolean> {
    const known = keys.filter((key) => this.#bans.delete(key))
    if (known.length === 0) return false
    this.#gatherAddresses()
    await this.#state.write(known.map((key) => ({ table: banTable, key, value: null })))
    return true
  }

  #has(target: BanTarget): boolean {
    const ban = this.#bans.get(keyOf(target))
    return ban !== undefined && this.#stands(ban)
  }

  #stands({ expiresAtMs }: Ban): boolean {
    return expiresAtMs === undefined || expiresAtMs > this.#nowMs()
  }

  #gatherAddresses(): void {
    const addresses = new BlockList()
    for (const ban of this.#bans.values()) {
      if (ban.kind !== 'address' || !this.#stands(ban)) continue
      const block = addressBlock(ban.value)
      if (block !== undefined) addresses.addSubnet(block.address, block.prefix, block.family)
    }
    this.#addresses = addresses
  }

  #nowMs(): number {
    return Math.floor(this.#clock.wallMicros() / 1_000)
  }
}

/** Client identifiers may be longer than a key of the store: then their hash stands for them, and the row has them. */
function keyOf({ kind, value }: BanTarget): string {
  if (Buffer.byteLength(value) <= keyBytesMax) return `${kind}/${value}`
  return `${kind}#${createHash('sha256').update(value).digest('hex')}`
}
