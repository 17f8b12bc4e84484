/** A token in the password, or in the user name: signed by somebody whose key is configured. */
import type { Candidate } from '@hawser/broker'
import { isText } from '@hawser/codec'
import { type Clock, epochMicros } from '@hawser/std'
import { decodeProtectedHeader, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose'
import { rolesOf, rulesOf } from '../claims/claims.ts'
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
import { algorithmsOf, KeysUnavailable, type TokenKeys } from './token-keys.ts'

export const tokenPlaces = ['password', 'username'] as const

export interface JwtMethodOptions {
  readonly keys: TokenKeys
  /** Of the keys' family; none: all of it. */
  readonly algorithms?: readonly string[] | undefined
  readonly issuer?: string | undefined
  readonly audience?: string | undefined
  readonly tokenIn?: (typeof tokenPlaces)[number] | undefined
  readonly usernameClaim?: string | undefined
  /** Whether the user name of CONNECT must be the claim's. */
  readonly usernameMatches?: boolean | undefined
  readonly rolesClaim?: string | undefined
  readonly rulesClaim?: string | undefined
  /** Whether a token may live for ever. */
  readonly expiryRequired?: boolean | undefined
  readonly toleranceSeconds?: number | undefined
  readonly clock: Clock
  readonly limits?: Partial<JwtLimits>
}

export interface JwtLimits extends WorkLimits {
  readonly tokenBytesMax: number
}

export const jwtLimits: JwtLimits = { runningMax: 4, waitingMax: 1_024, tokenBytesMax: 16_384 }

const compact = /^[\w-]+\.[\w-]+\.[\w-]*$/

export class JwtMethod implements AuthenticationMethod {
  readonly name = 'jwt'
  readonly #options: JwtMethodOptions
  readonly #limits: JwtLimits
  readonly #gate: WorkGate
  #closed = false

  constructor(options: JwtMethodOptions) {
    this.#options = options
    this.#limits = { ...jwtLimits, ...options.limits }
    this.#gate = new WorkGate(this.#limits)
  }

  async authenticate(candidate: Candidate): Promise<Verdict> {
    const token = this.#tokenOf(candidate)
    if (token === undefined) return notMine
    if (this.#closed) return unavailable
    if (token.length > this.#limits.tokenBytesMax) return wrongCredentials
    const verdict = await this.#gate.run(() => this.#judge(token, candidate))
    return verdict ?? (this.#closed ? unavailable : tooBusy)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#gate[Symbol.dispose]()
  }

  /** Undefined for a password that only looks like a token. */
  #tokenOf({ username, password }: Candidate): string | undefined {
    const text = this.#options.tokenIn === 'username' ? username : textOf(password)
    if (text === undefined || !compact.test(text)) return undefined
    try {
      return typeof decodeProtectedHeader(text).alg === 'string' ? text : undefined
    } catch {
      return undefined
    }
  }

  async #judge(token: string, candidate: Candidate): Promise<Verdict> {
    try {
      const { payload } = await jwtVerify(token, (header) => this.#options.keys.find(header), this.#verification())
      return this.#verdictOn(payload, candidate)
    } catch (error) {
      return error instanceof KeysUnavailable ? unavailable : wrongCredentials
    }
  }

  #verification(): JWTVerifyOptions {
    const { keys, algorithms, issuer, audience, expiryRequired, toleranceSeconds, clock } = this.#options
    const family: readonly string[] = algorithmsOf[keys.family]
    return {
      // Never `none`, and never a public key taken for a secret.
      algorithms: family.filter((name) => algorithms === undefined || algorithms.includes(name)),
      ...(issuer !== undefined && { issuer }),
      ...(audience !== undefined && { audience }),
      requiredClaims: expiryRequired === false ? [] : ['exp'],
      clockTolerance: toleranceSeconds ?? 0,
      currentDate: new Date(clock.wallMicros() / 1_000),
    }
  }

  #verdictOn(payload: JWTPayload, { username }: Candidate): Verdict {
    const { usernameClaim = 'sub', usernameMatches, tokenIn, rolesClaim = 'roles', rulesClaim = 'acl' } = this.#options
    const { toleranceSeconds = 0 } = this.#options
    const name = payload[usernameClaim]
    if (typeof name !== 'string' || name === '') return wrongCredentials
    if (usernameMatches === true && tokenIn !== 'username' && username !== name) return wrongCredentials
    return accepted(name, {
      roles: rolesOf(payload[rolesClaim]),
      rules: rulesOf(payload[rulesClaim]),
      expiresAt: payload.exp === undefined ? undefined : epochMicros((payload.exp + toleranceSeconds) * 1_000_000),
    })
  }
}

const textOf = (bytes: Uint8Array | undefined): string | undefined =>
  bytes !== undefined && isText(bytes, 0, bytes.length) ? Buffer.from(bytes).toString('utf8') : undefined
