/** `socks5h://[username[:password]@]host[:port]`, where %25, %3A and %40 stand for %, : and @. */
import { ArgumentRefusal } from '../refusal.ts'
import type { ProxySettings } from '../settings.ts'
import { leadingInteger } from './flag.ts'

const scheme = 'socks5h://'
const socksPort = 1080

export function readProxyUrl(url: string): ProxySettings {
  if (!url.startsWith(scheme)) throw new ArgumentRefusal(`Error: Unsupported proxy protocol: ${url}`)
  const parts = /^(?:([^:@]+)(?::([^:@]+))?@)?([^:@]+)(?::(\d+))?$/.exec(url.slice(scheme.length))
  const [, username, password, host, portText] = parts ?? []
  const port = portText === undefined ? socksPort : leadingInteger(portText)
  if (host === undefined || port < 1 || port > 65_535) throw new ArgumentRefusal(`Error: Invalid proxy: ${url}`)
  return { host, port, username: unescaped(username, url), password: unescaped(password, url) }
}

const escapes: Readonly<Record<string, string>> = { '%25': '%', '%3A': ':', '%40': '@' }

function unescaped(text: string | undefined, url: string): string | undefined {
  return text?.replace(/%.{0,2}/g, (sequence) => {
    const character = escapes[sequence.toUpperCase()]
    if (character === undefined) throw new ArgumentRefusal(`Error: Invalid proxy: ${url}`)
    return character
  })
}
