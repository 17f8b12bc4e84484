/** JSON Web Key Sets: of a file, and of a URL. */
import { readFile } from 'node:fs/promises'
import { type Clock, HawserError, type Milliseconds, milliseconds } from '@hawser/std'
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWSHeaderParameters, type JWTVerifyGetKey } from 'jose'
import { type FileFault, type Reloadable, whyUnreadable } from '../reload.ts'
import { askJson } from '../remote/ask-json.ts'
import { KeysUnavailable, type TokenKey, type TokenKeys } from './token-keys.ts'

const keysMax = 100

/** Rejects what is no set of public keys: a secret or a private key has no place in it. */
export function keySetOf(value: unknown): JWTVerifyGetKey {
  const keys = (value as JSONWebKeySet | null | undefined)?.keys
  if (!Array.isArray(keys) || keys.length === 0) throw new Error('it is no JSON Web Key Set')
  if (keys.length > keysMax) throw new Error(`it has more than ${keysMax} keys`)
  if (keys.some((key) => typeof key !== 'object' || key === null || key.kty === 'oct' || 'd' in key)) {
    throw new Error('it has keys that are not public')
  }
  return createLocalJWKSet({ keys })
}

const find = async (keys: JWTVerifyGetKey, header: JWSHeaderParameters): Promise<TokenKey> =>
  keys(header as Parameters<JWTVerifyGetKey>[0], { payload: '', signature: '' })

export class KeySetFile implements TokenKeys, Reloadable {
  readonly family = 'public'
  readonly #path: string
  #keys: JWTVerifyGetKey | undefined

  private constructor(path: string) {
    this.#path = path
  }

  static async open(path: string): Promise<KeySetFile> {
    const file = new KeySetFile(path)
    const [first] = await file.reload()
    if (first === undefined) return file
    throw new HawserError('CONFIG_INVALID', `${first.where}: ${first.what}`, { mend: 'give a JSON Web Key Set' })
  }

  async reload(): Promise<readonly FileFault[]> {
    try {
      this.#keys = keySetOf(JSON.parse(await readFile(this.#path, 'utf8')))
      return []
    } catch (error) {
      return [{ where: this.#path, what: whyUnreadable(error) }]
    }
  }

  async find(header: JWSHeaderParameters): Promise<TokenKey> {
    if (this.#keys === undefined) throw new KeysUnavailable(this.#path)
    return find(this.#keys, header)
  }
}

export interface RemoteKeyLimits {
  readonly timeoutMs: Milliseconds
  readonly bytesMax: number
  /** Keys older than this are fetched anew before the next token is judged. */
  readonly freshMs: number
  /** While fetching fails, keys count this long: then nobody is let in. */
  readonly keptMs: number
  /** Not fetched more often, whatever key a token names, and however often it fails. */
  readonly pauseMs: number
}

export const remoteKeyLimits: RemoteKeyLimits = {
  timeoutMs: milliseconds(5_000),
  bytesMax: 262_144,
  freshMs: 600_000,
  keptMs: 3_600_000,
  pauseMs: 30_000,
}

export interface RemoteKeysOptions {
  readonly url: URL
  readonly clock: Clock
  readonly limits?: Partial<RemoteKeyLimits>
  readonly onFault: (what: string) => void
}

export class RemoteKeySet implements TokenKeys, AsyncDisposable {
  readonly family = 'public'
  readonly #options: RemoteKeysOptions
  readonly #limits: RemoteKeyLimits
  readonly #closing = new AbortController()
  #keys: { readonly find: JWTVerifyGetKey; readonly sinceMs: number } | undefined
  #triedMs = Number.NEGATIVE_INFINITY
  #fetching: Promise<void> | undefined

  constructor(options: RemoteKeysOptions) {
    this.#options = options
    this.#limits = { ...remoteKeyLimits, ...options.limits }
  }

  async find(header: JWSHeaderParameters): Promise<TokenKey> {
    if (this.#ageMs() > this.#limits.freshMs) await this.#refresh()
    const keys = this.#ageMs() <= this.#limits.keptMs ? this.#keys : undefined
    if (keys === undefined) throw new KeysUnavailable(this.#options.url.origin)
    try {
      return await find(keys.find, header)
    } catch (error) {
      // A key that was made since: asked for once in a while, so that forged names are no lever.
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      await this.#refresh()
      if (this.#keys === undefined || this.#keys === keys) throw error
      return find(this.#keys.find, header)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error('closed'))
    await this.#fetching
  }

  #ageMs(): number {
    return this.#keys === undefined ? Number.POSITIVE_INFINITY : this.#options.clock.monotonicMs() - this.#keys.sinceMs
  }

  #refresh(): Promise<void> {
    if (this.#fetching !== undefined) return this.#fetching
    const nowMs = this.#options.clock.monotonicMs()
    if (nowMs - this.#triedMs < this.#limits.pauseMs) return Promise.resolve()
    this.#triedMs = nowMs
    this.#fetching = this.#fetch().finally(() => {
      this.#fetching = undefined
    })
    return this.#fetching
  }

  async #fetch(): Promise<void> {
    const { url, clock, onFault } = this.#options
    const { timeoutMs, bytesMax } = this.#limits
    try {
      const { status, value } = await askJson({ url, timeoutMs, bytesMax }, clock, this.#closing.signal)
      if (status !== 200) throw new Error(`it answered ${status}`)
      this.#keys = { find: keySetOf(value), sinceMs: clock.monotonicMs() }
    } catch (error) {
      onFault(`keys of ${url.origin}${url.pathname}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}
