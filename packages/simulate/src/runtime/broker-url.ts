/** Which broker to talk to, in the spellings that people use: `mqtt://host:1883`, `tcp://host`, `host`, `host:1883`. */
import { HawserError } from '@hawser/std'

const schemes: Readonly<Record<string, string>> = {
  'mqtt:': 'mqtt:',
  'tcp:': 'mqtt:',
  'mqtts:': 'mqtts:',
  'ssl:': 'mqtts:',
  'ws:': 'ws:',
  'wss:': 'wss:',
}

export function brokerUrl(text: string): string {
  const url = text.includes('://') ? text : `mqtt://${text}`
  const parsed = URL.parse(url)
  const scheme = parsed === null ? undefined : schemes[parsed.protocol]
  if (parsed === null || scheme === undefined || parsed.hostname === '') {
    throw new HawserError('USAGE', `"${text}" is no address of a broker`, {
      mend: 'write it as mqtt://HOST:PORT, mqtts://, ws:// or wss://',
    })
  }
  return url.replace(parsed.protocol, scheme)
}

/** For messages: without the password. */
export function shownUrl(url: string): string {
  const parsed = new URL(url)
  return `${parsed.protocol}//${parsed.host}`
}

interface Address {
  readonly url: string
  readonly username?: string
  readonly password?: string
}

/** Apart from its login, which MQTT.js would split at the last colon. */
export function addressOf(url: string): Address {
  const parsed = new URL(url)
  const { username, password } = parsed
  if (username === '') return { url }
  parsed.username = ''
  parsed.password = ''
  return { url: parsed.href, username: decodeURIComponent(username), password: decodeURIComponent(password) }
}
