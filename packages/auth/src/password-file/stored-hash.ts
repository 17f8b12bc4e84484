/** What stands for a password in a file, and how each form is written. */

export interface Argon2idHash {
  readonly kind: 'argon2id'
  /** The whole PHC string. */
  readonly text: string
  /** Memory, passes and lanes: `m=19456,t=2,p=1`. */
  readonly parameters: string
}

/** Mosquitto's `$6$`: one round of SHA-512 over password and salt. */
export interface Sha512Hash {
  readonly kind: 'sha512'
  readonly salt: Buffer
  readonly digest: Buffer
}

/** Mosquitto's `$7$`. */
export interface Pbkdf2Hash {
  readonly kind: 'pbkdf2-sha512'
  readonly iterations: number
  readonly salt: Buffer
  readonly digest: Buffer
}

/** RFC 5803 in the spelling of PostgreSQL. It serves the exchange and a plain password alike. */
export interface ScramHash {
  readonly kind: 'scram-sha-256'
  readonly iterations: number
  readonly salt: Buffer
  readonly storedKey: Buffer
  readonly serverKey: Buffer
}

export type StoredHash = Argon2idHash | Sha512Hash | Pbkdf2Hash | ScramHash

/** A file must not be able to stop the broker with one log-in. */
const bounds = { memoryKibMax: 262_144, passesMax: 16, lanesMax: 16, iterationsMax: 2_000_000 }

const base64 = '([A-Za-z0-9+/]+={0,2})'
const argon2id =
  /^\$argon2id\$v=19\$(m=(\d{1,7}),t=(\d{1,4}),p=(\d{1,3}))\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,172}$/
const sha512 = new RegExp(`^\\$6\\$${base64}\\$${base64}$`)
const pbkdf2 = new RegExp(`^\\$7\\$(\\d{1,7})\\$${base64}\\$${base64}$`)
const scram = new RegExp(`^SCRAM-SHA-256\\$(\\d{1,7}):${base64}\\$${base64}:${base64}$`)

const within = (value: number, max: number): boolean => value >= 1 && value <= max

/** Undefined for what is none of these, or would cost more than is sensible. */
export function parseStoredHash(text: string): StoredHash | undefined {
  return parseArgon2id(text) ?? parseSha512(text) ?? parsePbkdf2(text) ?? parseScram(text)
}

function parseArgon2id(text: string): Argon2idHash | undefined {
  const match = argon2id.exec(text)
  if (match === null) return undefined
  const [, parameters = '', memoryKib, passes, lanes] = match
  const cheap =
    within(Number(memoryKib), bounds.memoryKibMax) &&
    within(Number(passes), bounds.passesMax) &&
    within(Number(lanes), bounds.lanesMax)
  return cheap ? { kind: 'argon2id', text, parameters } : undefined
}

function parseSha512(text: string): Sha512Hash | undefined {
  const match = sha512.exec(text)
  if (match === null) return undefined
  const digest = bytes(match[2])
  return digest.length === 64 ? { kind: 'sha512', salt: bytes(match[1]), digest } : undefined
}

function parsePbkdf2(text: string): Pbkdf2Hash | undefined {
  const match = pbkdf2.exec(text)
  if (match === null) return undefined
  const iterations = Number(match[1])
  const digest = bytes(match[3])
  if (!within(iterations, bounds.iterationsMax) || digest.length !== 64) return undefined
  return { kind: 'pbkdf2-sha512', iterations, salt: bytes(match[2]), digest }
}

function parseScram(text: string): ScramHash | undefined {
  const match = scram.exec(text)
  if (match === null) return undefined
  const iterations = Number(match[1])
  const [storedKey, serverKey] = [bytes(match[3]), bytes(match[4])]
  if (!within(iterations, bounds.iterationsMax) || storedKey.length !== 32 || serverKey.length !== 32) return undefined
  return { kind: 'scram-sha-256', iterations, salt: bytes(match[2]), storedKey, serverKey }
}

const bytes = (text = ''): Buffer => Buffer.from(text, 'base64')

export const scramText = ({ iterations, salt, storedKey, serverKey }: ScramHash): string =>
  `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey.toString('base64')}:${serverKey.toString('base64')}`

/** A hash that no password has, of the same cost: what an unknown user is compared with. */
export function dummyOf(stored: StoredHash): StoredHash {
  const salt = Buffer.alloc(16)
  switch (stored.kind) {
    case 'argon2id': {
      const [, , version, parameters, , digest = ''] = stored.text.split('$')
      const text = `$argon2id$${version}$${parameters}$${'A'.repeat(22)}$${'A'.repeat(digest.length)}`
      return { ...stored, text }
    }
    case 'sha512':
    case 'pbkdf2-sha512':
      return { ...stored, salt, digest: Buffer.alloc(64) }
    case 'scram-sha-256':
      return { ...stored, salt, storedKey: Buffer.alloc(32), serverKey: Buffer.alloc(32) }
    default:
      throw stored satisfies never
  }
}

/** What tells one from another of its kind; a changed password has another. */
export function digestOf(stored: StoredHash): Uint8Array {
  switch (stored.kind) {
    case 'argon2id':
      return Buffer.from(stored.text)
    case 'sha512':
    case 'pbkdf2-sha512':
      return stored.digest
    case 'scram-sha-256':
      return stored.storedKey
    default:
      throw stored satisfies never
  }
}
