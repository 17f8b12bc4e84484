/** A service of the operator's own is asked who a client is. */
import { createHmac } from 'node:crypto'
import type { Candidate } from '@hawser/broker'
import { isText } from '@hawser/codec'
import { epochMicros, type Random } from '@hawser/std'
import { BoundedCache } from '../bounded-cache.ts'
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
import { type CallbackOptions, HttpCallback } from './callback.ts'

export interface HttpMethodOptions extends CallbackOptions {
  readonly random: Random
}

export class HttpMethod implements AuthenticationMethod {
  readonly name = 'http'
  readonly #callback: HttpCallback
  readonly #remembered: BoundedCache<Verdict>
  /** Those who ask the same at the same time share one answer. */
  readonly #asked = new Map<string, Promise<Verdict>>()
  /** Passwords are not kept, only what comes of them under a key that dies with the process. */
  readonly #key: Uint8Array
  readonly #nowMicros: () => number

  constructor(options: HttpMethodOptions) {
    this.#callback = new HttpCallback(options)
    this.#remembered = new BoundedCache(options.clock, this.#callback.limits.rememberedMax)
    this.#key = options.random.bytes(32)
    this.#nowMicros = () => options.clock.wallMicros()
  }

  async authenticate(candidate: Candidate): Promise<Verdict> {
    if (candidate.username === undefined && candidate.password === undefined && candidate.certificate === undefined) {
      return notMine
    }
    const question = questionOf(candidate)
    const key = createHmac('sha256', this.#key).update(JSON.stringify(question)).digest('base64')
    const known = this.#remembered.get(key)
    if (known !== undefined && !this.#isOver(known)) return known
    const asked = this.#asked.get(key)
    if (asked !== undefined) return asked
    const answer = this.#ask(question, key).finally(() => this.#asked.delete(key))
    this.#asked.set(key, answer)
    return answer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#callback[Symbol.dispose]()
    this.#remembered.clear()
  }

  async #ask(question: Readonly<Record<string, unknown>>, key: string): Promise<Verdict> {
    const answer = await this.#callback.ask(question)
    if (answer.kind === 'busy') return tooBusy
    const verdict = answer.kind === 'answered' ? verdictOf(answer.value, question['username']) : unavailable
    if (verdict.kind === 'refused' && verdict.result === 'unavailable') return verdict
    const { allowedMs, refusedMs } = this.#callback.limits
    this.#remembered.set(key, verdict, verdict.kind === 'accepted' ? allowedMs : refusedMs)
    return verdict
  }

  #isOver(verdict: Verdict): boolean {
    return verdict.kind === 'accepted' && (verdict.proved.expiresAt ?? Number.POSITIVE_INFINITY) <= this.#nowMicros()
  }
}

/** What is known of the client. A password that is no text comes as base64. */
function questionOf({ password, certificate, clientIdAssigned: _, ...candidate }: Candidate) {
  const isPlain = password !== undefined && isText(password, 0, password.length)
  const text = password === undefined ? undefined : Buffer.from(password).toString(isPlain ? 'utf8' : 'base64')
  return {
    ...candidate,
    ...(text === undefined ? {} : isPlain ? { password: text } : { passwordBase64: text }),
    ...(certificate !== undefined && { certificate }),
  }
}

/** What cannot be understood lets nobody in: `{"result": "allow" | "deny" | "ignore"}` is asked for. */
function verdictOf(value: unknown, asked: unknown): Verdict {
  const { result, username = asked, roles, rules, expiresAt } = (value ?? {}) as Readonly<Record<string, unknown>>
  if (result === 'deny') return wrongCredentials
  if (result === 'ignore') return notMine
  if (result !== 'allow') return unavailable
  if (username !== undefined && (typeof username !== 'string' || username === '')) return unavailable
  if (expiresAt !== undefined && !Number.isFinite(expiresAt)) return unavailable
  try {
    return accepted(username, {
      roles: rolesOf(roles),
      rules: rulesOf(rules),
      expiresAt: expiresAt === undefined ? undefined : epochMicros(Number(expiresAt) * 1_000_000),
    })
  } catch {
    return unavailable
  }
}
