/** From the flags to what npm's `mqtt` is told. */
import type { IClientOptions } from 'mqtt'
import type { CommandIo } from '../../command.ts'
import type { ConnectionSettings, ConnectProperties, WillSettings } from '../settings.ts'
import type { PacketIds } from './packet-ids.ts'

/** MQTT 3.1 has no empty client id, nor one of more than 23 characters. */
const oldIdCharacters = 18
const idAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** So few are in flight towards a slow reader, as in Mosquitto's clients. */
const receiveMaximum = 20

export function clientIdOf(settings: ConnectionSettings, random: CommandIo['random']): string {
  if (settings.clientIdPrefix !== undefined) return `${settings.clientIdPrefix}${process.pid}`
  if (settings.clientId !== undefined) return settings.clientId
  if (settings.protocolVersion > 3) return ''
  const letters = Array.from({ length: oldIdCharacters }, () => idAlphabet[random.integer(idAlphabet.length)])
  return `mosq-${letters.join('')}`
}

export interface ClientWishes {
  readonly clientId: string
  readonly ids: PacketIds
  /** The messages that will be read before the end, where that is known. */
  readonly messageCount: number | undefined
}

export function clientOptions(settings: ConnectionSettings, wishes: ClientWishes): IClientOptions {
  const { protocolVersion, username, password, will } = settings
  const properties: ConnectProperties = {
    receiveMaximum: Math.min(receiveMaximum, wishes.messageCount ?? receiveMaximum),
    ...settings.properties.connect,
  }
  return {
    clientId: wishes.clientId,
    messageIdProvider: wishes.ids,
    protocolVersion,
    protocolId: protocolVersion === 3 ? 'MQIsdp' : 'MQTT',
    clean: settings.cleanSession,
    keepalive: settings.keepaliveSeconds,
    // The connection is `Link`'s: it opens streams, reopens them and subscribes again.
    manualConnect: true,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    ...(protocolVersion === 5 ? { properties } : {}),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(will.topic === undefined ? {} : { will: willOptions(will.topic, will, settings) }),
  }
}

function willOptions(
  topic: string,
  { payload = '', qos, retain }: WillSettings,
  { protocolVersion, properties }: ConnectionSettings,
): NonNullable<IClientOptions['will']> {
  const will = { topic, payload: Buffer.from(payload), qos, retain }
  return protocolVersion === 5 ? { ...will, properties: properties.will } : will
}
