/** Mosquitto's password file: `user:$7$iterations$salt$hash` a line. Hashes are taken as they are; who verifies them decides. */
import type { Place } from '../conf/conf.ts'
import { readConfText } from '../conf/lines.ts'
import { fileError } from './fault.ts'

export interface PasswordEntry extends Place {
  readonly username: string
  readonly hash: string
}

const hashForms: readonly RegExp[] = [
  // SHA-512 of password and salt.
  /^\$6\$[A-Za-z0-9+/]+=*\$[A-Za-z0-9+/]+=*$/,
  // PBKDF2 with HMAC-SHA-512.
  /^\$7\$[1-9]\d*\$[A-Za-z0-9+/]+=*\$[A-Za-z0-9+/]+=*$/,
  /^\$argon2id\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/,
]

export const readPasswordFile = async (file: string): Promise<readonly PasswordEntry[]> =>
  parsePasswords(file, await readConfText(file))

export function parsePasswords(file: string, text: string): readonly PasswordEntry[] {
  const entries = new Map<string, PasswordEntry>()
  for (const [index, raw] of text.split('\n').entries()) {
    const place = { file, line: index + 1 }
    // Mosquitto passes over lines without a colon.
    if (raw.startsWith('#') || !raw.includes(':')) continue
    const colon = raw.indexOf(':')
    const username = raw.slice(0, colon).trim()
    const hash = (raw.slice(colon + 1).split(':', 1)[0] ?? '').trim()
    if (username === '')
      throw fileError(place, 'a line without a user name', 'write user:hash, as mosquitto_passwd does')
    if (entries.has(username)) throw fileError(place, `${username} stands here a second time`, 'keep one of the lines')
    if (!hashForms.some((form) => form.test(hash))) {
      // The hash is not shown: it may be a password that somebody wrote in plain.
      throw fileError(
        place,
        `what stands behind ${username} is no hash that Mosquitto makes`,
        'run mosquitto_passwd -U on a copy',
      )
    }
    entries.set(username, { ...place, username, hash })
  }
  return [...entries.values()]
}
