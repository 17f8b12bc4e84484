/** The users of one file, and what to compare a name with that is none of them. */
import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { HawserError, type Random } from '@hawser/std'
import { type FileFault, type Reloadable, whyUnreadable } from '../reload.ts'
import { parsePasswords } from './parse-passwords.ts'
import { digestOf, dummyOf, parseStoredHash, type StoredHash } from './stored-hash.ts'

/** For a file without users: as `hawser passwd` writes them. */
const emptyFileText = `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`

export class StoredPasswords implements Reloadable {
  readonly #path: string
  readonly #key: Uint8Array
  #users: ReadonlyMap<string, StoredHash> = new Map()
  #kinds: readonly StoredHash[] = []

  private constructor(path: string, random: Random) {
    this.#path = path
    this.#key = random.bytes(32)
  }

  /** Refuses a bad file: there is no older one to go on with. */
  static async open(path: string, random: Random): Promise<StoredPasswords> {
    const passwords = new StoredPasswords(path, random)
    const [first] = await passwords.reload()
    if (first === undefined) return passwords
    throw new HawserError('CONFIG_INVALID', `${first.where}: ${first.what}`, {
      mend: 'hawser passwd writes such files',
    })
  }

  async reload(): Promise<readonly FileFault[]> {
    let text: string
    try {
      text = await readFile(this.#path, 'utf8')
    } catch (error) {
      return [{ where: this.#path, what: whyUnreadable(error) }]
    }
    const { users, faults } = parsePasswords(this.#path, text)
    if (faults.length > 0) return faults
    this.#users = users
    this.#kinds = kindsOf(users.values())
    return []
  }

  /** How SCRAM hashes look here, so that those of nobody look alike. */
  get scramCosts(): readonly { readonly iterations: number; readonly saltBytes: number }[] {
    return this.#kinds.flatMap((kind) =>
      kind.kind === 'scram-sha-256' ? [{ iterations: kind.iterations, saltBytes: kind.salt.length }] : [],
    )
  }

  find(user: string): StoredHash | undefined {
    return this.#users.get(user)
  }

  /** Whether the user is there, and has the password that it had. */
  still(user: string, stored: StoredHash): boolean {
    const now = this.#users.get(user)
    if (now === undefined) return false
    return now === stored || (now.kind === stored.kind && Buffer.from(digestOf(now)).equals(digestOf(stored)))
  }

  /**
   * What an unknown user is compared with costs as much as a known one: where hashes differ in cost, a name always
   * meets the same.
   */
  dummyFor(user: string): StoredHash {
    const kinds = this.#kinds
    const picked = createHmac('sha256', this.#key).update(user).digest().readUInt32LE(0) % Math.max(1, kinds.length)
    const kind = kinds[picked] ?? parseStoredHash(emptyFileText)
    if (kind === undefined) throw new Error('the dummy of an empty file has no known form')
    return dummyOf(kind)
  }
}

/** One of each cost. */
function kindsOf(hashes: Iterable<StoredHash>): readonly StoredHash[] {
  const kinds = new Map<string, StoredHash>()
  for (const hash of hashes) kinds.set(costOf(hash), hash)
  return [...kinds.values()]
}

function costOf(hash: StoredHash): string {
  switch (hash.kind) {
    case 'argon2id':
      return hash.parameters
    case 'sha512':
      return hash.kind
    case 'pbkdf2-sha512':
      return `${hash.kind} ${hash.iterations}`
    case 'scram-sha-256':
      return `${hash.kind} ${hash.iterations} ${hash.salt.length}`
    default:
      throw hash satisfies never
  }
}
