/** `-L mqtt(s)://[username[:password]@]host[:port]/topic` */
import { ArgumentRefusal } from '../refusal.ts'
import type { ConnectionSettings } from '../settings.ts'
import { type Flag, leadingInteger } from './flag.ts'

export function urlFlag<Settings extends ConnectionSettings>(
  addTopic: (settings: Settings, topic: string) => void,
): Flag<Settings> {
  return {
    short: '-L',
    long: '--url',
    value: 'URL',
    missing: 'no URL specified',
    help: 'all at once: mqtt(s)://[username[:password]@]host[:port]/topic',
    set: (settings, url = '') => addTopic(settings, readUrl(settings, url)),
  }
}

/** Everything but the topic goes into the settings; the topic is answered. */
function readUrl(settings: ConnectionSettings, url: string): string {
  const topic = readAddress(settings, url)
  if (topic !== undefined) return topic
  throw new ArgumentRefusal('Error: Invalid URL for -L argument specified - topic missing.')
}

/** The same where a URL need not have a topic: undefined where there is no slash behind the host. */
export function readAddress(settings: ConnectionSettings, url: string): string | undefined {
  const [, scheme = '', rest = ''] = /^(mqtts?):\/\/(.*)$/is.exec(url) ?? []
  if (scheme === '') throw new ArgumentRefusal('Error: unsupported URL scheme.')
  const encrypted = scheme.toLowerCase() === 'mqtts'
  settings.port = encrypted ? 8883 : 1883
  if (encrypted) settings.tls.useSystemCertificates = true
  const [, authority = '', topic] = /^([^/]*)(?:\/(.*))?$/s.exec(rest) ?? []
  const [, credentials, place = ''] = /^(?:([^@]*)@)?(.*)$/s.exec(authority) ?? []
  if (credentials !== undefined) readCredentials(settings, credentials)
  const [, host = '', port] = /^([^:]*)(?::(.*))?$/s.exec(place) ?? []
  settings.host = host
  if (port !== undefined) settings.port = leadingInteger(port)
  return topic
}

function readCredentials(settings: ConnectionSettings, credentials: string): void {
  const [, username = '', password] = /^([^:]*)(?::(.*))?$/s.exec(credentials) ?? []
  settings.username = username
  if (password !== undefined) settings.password = password
}
