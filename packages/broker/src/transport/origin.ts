import { isIP } from 'node:net'

/**
 * Whether a page was served by this host, as far as a browser tells: from the address that it connects to, given as
 * a number or as localhost. A name would not do: whoever owns one can let it point here (DNS rebinding).
 */
export function servedHere(origin: string, host: string): boolean {
  const from = URL.parse(origin)?.hostname
  const to = URL.parse(`http://${host}`)?.hostname
  if (from === undefined || from !== to) return false
  return to === 'localhost' || isIP(to.replace(/^\[(.*)\]$/, '$1')) !== 0
}
