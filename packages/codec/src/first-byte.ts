/** Which first bytes a sender may use: type, direction and flags of the fixed header in one look-up. Section 2.1. */
import { malformed, protocolError } from './fault.ts'
import type { ProtocolVersion } from './packets.ts'
import type { DecodeFault } from './sink.ts'

export type Sender = 'client' | 'server'

const packetNames = [
  'reserved',
  'connect',
  'connack',
  'publish',
  'puback',
  'pubrec',
  'pubrel',
  'pubcomp',
  'subscribe',
  'suback',
  'unsubscribe',
  'unsuback',
  'pingreq',
  'pingresp',
  'disconnect',
  'auth',
] as const

const [connect, subscribe, unsubscribe, pingreq, disconnect, auth] = [1, 8, 10, 12, 14, 15]
const [connack, suback, unsuback, pingresp] = [2, 9, 11, 13]
const publish = 3
const pubrel = 6
const acknowledgements = [4, 5, pubrel, 7]

const versions: readonly (ProtocolVersion | undefined)[] = [undefined, 3, 4, 5]

/** A bit for each sender and state of knowledge about the version. */
export const situationOf = (sender: Sender, version: ProtocolVersion | undefined): number =>
  1 << (versions.indexOf(version) + (sender === 'client' ? 0 : versions.length))

function typesOf(sender: Sender, version: ProtocolVersion | undefined): readonly number[] {
  if (sender === 'server') {
    const types = [connack, publish, ...acknowledgements, suback, unsuback, pingresp]
    return version === 5 ? [...types, disconnect, auth] : types
  }
  // The first packet is CONNECT, and there is no second. [MQTT-3.1.0-1] [MQTT-3.1.0-2]; v3.1.1 [MQTT-3.1.0-1]
  // v3.1.1 [MQTT-3.1.0-2]
  if (version === undefined) return [connect]
  const types = [publish, ...acknowledgements, subscribe, unsubscribe, pingreq, disconnect]
  return version === 5 ? [...types, auth] : types
}

function flagsAreLegal(type: number, flags: number, version: ProtocolVersion | undefined): boolean {
  // QoS 3 is malformed [MQTT-3.3.1-4], QoS 0 never a duplicate [MQTT-3.3.1-2]; v3.1.1 [MQTT-3.3.1-2] [MQTT-3.3.1-4].
  if (type === publish) return (flags & 0b0110) !== 0b0110 && (flags & 0b1110) !== 0b1000
  // [MQTT-3.6.1-1] [MQTT-3.8.1-1] [MQTT-3.10.1-1] v3.1.1 [MQTT-3.6.1-1] [MQTT-3.8.1-1] [MQTT-3.10.1-1]
  // 3.1 marks what it sends again.
  if (type === pubrel || type === subscribe || type === unsubscribe)
    return flags === 0b0010 || (version === 3 && flags === 0b1010)
  // [MQTT-2.1.3-1] [MQTT-3.14.1-1] [MQTT-3.15.1-1] v3.1.1 [MQTT-2.2.2-1] [MQTT-2.2.2-2] [MQTT-3.14.1-1]
  return flags === 0
}

const situations = new Uint8Array(256)
for (const sender of ['client', 'server'] as const)
  for (const version of versions)
    for (const type of typesOf(sender, version))
      for (let flags = 0; flags < 16; flags++)
        if (flagsAreLegal(type, flags, version))
          situations[(type << 4) | flags] = (situations[(type << 4) | flags] as number) | situationOf(sender, version)

export const isFirstByte = (byte: number, situation: number): boolean =>
  ((situations[byte] as number) & situation) !== 0

/** Why `isFirstByte` said no. */
export function firstByteFault(byte: number, sender: Sender, version: ProtocolVersion | undefined): DecodeFault {
  const type = byte >> 4
  const name = packetNames[type] ?? 'reserved'
  if (type === 0 || (type === auth && version !== 5 && version !== undefined))
    return malformed(`packet type ${type} is reserved`)
  const clause = type === publish ? '[MQTT-3.3.1-2] [MQTT-3.3.1-4]' : '[MQTT-2.1.3-1]'
  if (!flagsAreLegal(type, byte & 0x0f, version)) return malformed(`${name} with flags ${byte & 0x0f} ${clause}`)
  if (sender === 'client' && version === undefined) return protocolError(`${name} before connect [MQTT-3.1.0-1]`)
  if (type === connect && sender === 'client') return protocolError('a second connect [MQTT-3.1.0-2]')
  return protocolError(`${name} may not be sent by a ${sender}`)
}
