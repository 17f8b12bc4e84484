/** What keeps a connection from coming up, in the words of C's library. */
import { getSystemErrorMap } from 'node:util'
import { RunRefusal } from '../refusal.ts'

/** Where the system's words differ from libuv's. */
const systemTexts: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EHOSTUNREACH: 'No route to host',
}

const lookupErrors = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ENODATA', 'EAI_FAIL', 'EAI_NONAME'])

export function connectRefusal(error: unknown): RunRefusal {
  if (error instanceof RunRefusal) return error
  const code = String((error as NodeJS.ErrnoException).code ?? '')
  if (lookupErrors.has(code)) return new RunRefusal('Unable to connect (Lookup error.).', 1, error)
  return new RunRefusal(`Error: ${systemText(code) ?? (error as Error).message}`, 1, error)
}

function systemText(code: string): string | undefined {
  const known = [...getSystemErrorMap().values()].find(([name]) => name === code)?.[1]
  return systemTexts[code] ?? (known === undefined ? undefined : known.charAt(0).toUpperCase() + known.slice(1))
}
