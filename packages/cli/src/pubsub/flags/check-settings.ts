/** What the flags must fulfil together, once all are read. */
import { ArgumentRefusal } from '../refusal.ts'
import {
  type ConnectionSettings,
  type PropertyCommand,
  type TlsSettings,
  unlimitedSessionSeconds,
} from '../settings.ts'
import { propertiesComplaint, propertiesFault } from './properties.ts'

export function checkConnection(settings: ConnectionSettings): void {
  const { will } = settings
  if (will.topic === undefined) {
    if (will.payload !== undefined) throw new ArgumentRefusal('Error: Will payload given, but no will topic given.')
    if (will.retain) throw new ArgumentRefusal('Error: Will retain given, but no will topic given.')
  }
  checkTls(settings.tls)
  checkSession(settings)
}

function checkTls(tls: TlsSettings): void {
  if ((tls.certFile === undefined) !== (tls.keyFile === undefined))
    throw new ArgumentRefusal('Error: Both certfile and keyfile must be provided if one of them is set.')
  if (tls.keyForm !== undefined && tls.keyFile === undefined)
    throw new ArgumentRefusal('Error: If keyform is set, keyfile must be also specified.')
  if (tls.engineKeyPassword !== undefined && (tls.keyForm === undefined || tls.engine === undefined))
    throw new ArgumentRefusal(
      'Error: when using tls-engine-kpass-sha1, both tls-engine and keyform must also be provided.',
    )
  if (tls.psk === undefined) return
  if (tls.caFile !== undefined || tls.caPath !== undefined)
    throw new ArgumentRefusal('Error: Only one of --psk or --cafile/--capath may be used at once.')
  if (tls.pskIdentity === undefined) throw new ArgumentRefusal('Error: --psk-identity required if --psk used.')
}

/** Nobody could come back to a session that is kept for a client id that nobody knows. */
function checkSession(settings: ConnectionSettings): void {
  const { protocolVersion, cleanSession, clientId } = settings
  if (protocolVersion < 5) {
    if (!cleanSession && clientId === undefined)
      throw new ArgumentRefusal('Error: You must provide a client id if you are using the -c option.')
    return
  }
  if (!cleanSession) settings.sessionExpirySeconds ??= unlimitedSessionSeconds
  if (settings.sessionExpirySeconds === unlimitedSessionSeconds && clientId === undefined)
    throw new ArgumentRefusal(
      'Error: You must provide a client id if you are using an infinite session expiry interval.',
    )
}

/** After all other checks, as in Mosquitto's clients. */
export function checkProperties(settings: ConnectionSettings): void {
  const expiry = settings.sessionExpirySeconds ?? 0
  const { connect } = settings.properties
  if (settings.protocolVersion === 5 && expiry > 0) {
    if (connect['sessionExpiryInterval'] !== undefined) settings.repeatedProperties.push('connect')
    connect['sessionExpiryInterval'] = expiry
  }
  for (const command of Object.keys(settings.properties) as PropertyCommand[]) {
    const fault = propertiesFault(settings, command)
    if (fault !== undefined) throw new ArgumentRefusal(propertiesComplaint(command, fault))
  }
}
