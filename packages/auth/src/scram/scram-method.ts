/** SCRAM-SHA-256 (RFC 5802, RFC 7677): the password is proved and never sent, and the broker proves itself too. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { isText } from '@hawser/codec'
import type { Random } from '@hawser/std'
import {
  accepted,
  type ExchangeMethod,
  type ProvedStep,
  type ProvingExchange,
  unavailable,
  wrongProof,
} from '../method.ts'
import type { ScramHash } from '../password-file/stored-hash.ts'
import type { StoredPasswords } from '../password-file/stored-passwords.ts'
import { type ClientFirst, parseClientFinal, parseClientFirst } from './messages.ts'
import { prepared } from './prepared.ts'

export interface ScramMethodOptions {
  readonly passwords: StoredPasswords
  readonly random: Random
  /**
   * Makes the salts that unknown users are shown. The same after a restart, or a salt that has changed would tell
   * that there is no such user.
   */
  readonly saltKey: Uint8Array
  /** Printable and without commas; default: random. */
  readonly makeNonce?: () => string
}

const messageBytesMax = 4_096
const nonceBytes = 18
const iterationsOfNobody = 100_000
const saltBytesOfNobody = 16

export class ScramMethod implements ExchangeMethod {
  readonly name = 'scram'
  readonly mechanism = 'SCRAM-SHA-256'
  readonly #options: ScramMethodOptions
  #closed = false

  constructor(options: ScramMethodOptions) {
    this.#options = options
  }

  begin(): ProvingExchange {
    let step: (text: string) => Promise<Step> = (text) => this.#first(text)
    return {
      next: async (data) => {
        if (this.#closed) return unavailable
        if (data === undefined || data.length > messageBytesMax || !isText(data, 0, data.length)) return wrongProof
        const { answer, upon } = await step(Buffer.from(data).toString('utf8'))
        // What has ended, well or not, is not taken up again.
        step = upon ?? (async () => ({ answer: wrongProof }))
        return answer
      },
    }
  }

  knows(username: string): boolean {
    return this.#options.passwords.find(username) !== undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
  }

  async #first(text: string): Promise<Step> {
    const message = parseClientFirst(text)
    if (message === undefined) return refusal
    const username = await preparedName(message.username)
    if (username === undefined || (message.authorizeAs ?? message.username) !== message.username) return refusal
    const stored = this.#find(username)
    const { random, makeNonce } = this.#options
    const own = makeNonce?.() ?? Buffer.from(random.bytes(nonceBytes)).toString('base64')
    const nonce = message.nonce + own
    const serverFirst = `r=${nonce},s=${stored.salt.toString('base64')},i=${stored.iterations}`
    return {
      answer: { kind: 'continue', data: Buffer.from(serverFirst) },
      upon: async (final) => {
        const last = lastStep({ message, username, stored, nonce, serverFirst }, final)
        if (last.answer.kind !== 'accepted') return last
        const holds = () => this.#options.passwords.still(username, stored)
        return holds() ? { answer: { ...last.answer, holds } } : refusal
      },
    }
  }

  /** Of an unknown user a hash that no password has, which looks the same each time it is asked for. */
  #find(username: string): ScramHash {
    const { passwords, saltKey } = this.#options
    const known = passwords.find(username)
    if (known?.kind === 'scram-sha-256') return known
    const digest = createHmac('sha256', saltKey).update(username).digest()
    const costs = passwords.scramCosts
    const cost = costs[digest.readUInt32LE(28) % Math.max(1, costs.length)]
    const salt = digest.subarray(0, cost?.saltBytes ?? saltBytesOfNobody)
    const noKey = Buffer.alloc(32)
    const iterations = cost?.iterations ?? iterationsOfNobody
    return { kind: 'scram-sha-256', iterations, salt, storedKey: noKey, serverKey: noKey }
  }
}

interface Step {
  readonly answer: ProvedStep & { readonly data?: Uint8Array }
  /** What the next message is for; undefined: nothing follows. */
  readonly upon?: (text: string) => Promise<Step>
}

const refusal: Step = { answer: wrongProof }

interface Asked {
  readonly message: ClientFirst
  readonly username: string
  readonly stored: ScramHash
  readonly nonce: string
  readonly serverFirst: string
}

function lastStep({ message, username, stored, nonce, serverFirst }: Asked, text: string): Step {
  const final = parseClientFinal(text)
  if (final === undefined || final.nonce !== nonce) return refusal
  if (final.channelBinding !== Buffer.from(message.gs2Header).toString('base64')) return refusal
  const signed = `${message.bare},${serverFirst},${final.withoutProof}`
  if (!isProof(final.proof, stored.storedKey, signed)) return refusal
  const signature = createHmac('sha256', stored.serverKey).update(signed).digest('base64')
  return { answer: { ...accepted(username), data: Buffer.from(`v=${signature}`) } }
}

/** RFC 5802, section 3: the client's key is known to whoever knows the password, its hash to us. */
function isProof(proof: Buffer, storedKey: Buffer, signed: string): boolean {
  const signature = createHmac('sha256', storedKey).update(signed).digest()
  if (proof.length !== signature.length) return false
  const clientKey = signature.map((byte, at) => byte ^ (proof[at] ?? 0))
  return timingSafeEqual(createHash('sha256').update(clientKey).digest(), storedKey)
}

async function preparedName(name: string): Promise<string | undefined> {
  try {
    return await prepared(name)
  } catch {
    return undefined
  }
}
