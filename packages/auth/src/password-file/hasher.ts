/** The port for the costly part, so that a test can count it; and its implementation, off the main thread. */
import { createHash, createHmac, pbkdf2 as pbkdf2Callback, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Random } from '@hawser/std'
import { prepared } from '../scram/prepared.ts'
import type { ScramHash, StoredHash } from './stored-hash.ts'

export interface PasswordHasher {
  /** One hash computation, whatever comes of it. */
  verify(stored: StoredHash, password: Uint8Array): Promise<boolean>
}

const pbkdf2 = promisify(pbkdf2Callback)

export const systemHasher: PasswordHasher = {
  async verify(stored, password) {
    switch (stored.kind) {
      case 'argon2id': {
        const { verify } = await import('@node-rs/argon2')
        return verify(stored.text, password)
      }
      case 'sha512': {
        const digest = createHash('sha512').update(password).update(stored.salt).digest()
        return timingSafeEqual(digest, stored.digest)
      }
      case 'pbkdf2-sha512': {
        const digest = await pbkdf2(password, stored.salt, stored.iterations, 64, 'sha512')
        return timingSafeEqual(digest, stored.digest)
      }
      case 'scram-sha-256': {
        const { storedKey } = await scramKeys(await preparedBytes(password), stored.salt, stored.iterations)
        return timingSafeEqual(storedKey, stored.storedKey)
      }
      default:
        throw stored satisfies never
    }
  },
}

/** What OWASP recommends for argon2id: 19 MiB, two passes. */
const argon2idOptions = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
/** RFC 7677 asks for 4,096 at least; a plain password is compared with it too, so it is made to cost something. */
const scramIterations = 100_000

export async function hashPassword(password: string, random: Random): Promise<string> {
  const { hash } = await import('@node-rs/argon2')
  return hash(password, { ...argon2idOptions, salt: random.bytes(16) })
}

export async function hashForScram(password: string, random: Random, iterations = scramIterations): Promise<ScramHash> {
  const salt = Buffer.from(random.bytes(16))
  const keys = await scramKeys(Buffer.from(await prepared(password)), salt, iterations)
  return { kind: 'scram-sha-256', iterations, salt, ...keys }
}

/** What may not be in a SCRAM password is nobody's: it is compared as it is. */
async function preparedBytes(password: Uint8Array): Promise<Uint8Array> {
  try {
    return Buffer.from(await prepared(Buffer.from(password).toString('utf8')))
  } catch {
    return password
  }
}

/** RFC 5802 section 3. */
async function scramKeys(password: Uint8Array, salt: Uint8Array, iterations: number) {
  const salted = await pbkdf2(password, salt, iterations, 32, 'sha256')
  const clientKey = createHmac('sha256', salted).update('Client Key').digest()
  return {
    storedKey: createHash('sha256').update(clientKey).digest(),
    serverKey: createHmac('sha256', salted).update('Server Key').digest(),
  }
}
