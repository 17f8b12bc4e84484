/** CONNECT, section 3.1. Clauses are those of 5.0; those of 3.1.1 are named where they differ. */
import { malformed, protocolError } from '../fault.ts'
import type { ConnectPacket, Properties, ProtocolVersion, QoS, Will } from '../packets.ts'
import { encodeProperties } from '../properties/encode.ts'
import type { PacketReader } from '../reader.ts'
import { reasonCode } from '../reason-codes.ts'
import { checkTopicName } from '../topic.ts'
import { ByteWriter } from '../writer.ts'

const flag = {
  reserved: 0b0000_0001,
  cleanStart: 0b0000_0010,
  will: 0b0000_0100,
  willRetain: 0b0010_0000,
  password: 0b0100_0000,
  username: 0b1000_0000,
} as const
const willQoSShift = 3
const bridgeBit = 0x80

export function decodeConnect(reader: PacketReader): ConnectPacket | undefined {
  const version = readVersion(reader)
  if (version === undefined) return undefined
  reader.version = version
  const flags = reader.byte('connect flags')
  checkFlags(reader, flags, version)
  const keepAliveSeconds = reader.uint16('keep alive')
  const properties = reader.properties('connect')
  // Section 3.1.2.11.10.
  if (properties.authenticationData !== undefined && properties.authenticationMethod === undefined)
    reader.fail(protocolError('authentication data without a method'))

  // In this order: [MQTT-3.1.3-1] [MQTT-3.1.3-3]; v3.1.1 [MQTT-3.1.3-1] [MQTT-3.1.3-3]. All are text: [MQTT-3.1.3-4]
  // [MQTT-3.1.3-11] [MQTT-3.1.3-12]; v3.1.1 [MQTT-3.1.3-4] [MQTT-3.1.3-10] [MQTT-3.1.3-11].
  const clientId = reader.text('client identifier')
  const cleanStart = (flags & flag.cleanStart) !== 0
  // v3.1.1 [MQTT-3.1.3-7] [MQTT-3.1.3-8]; 3.1 has no empty identifiers at all; in 5.0 the server assigns one.
  if (clientId === '' && (version === 3 || (version === 4 && !cleanStart)))
    reader.fail({ reasonCode: reasonCode.clientIdentifierNotValid, message: 'client identifier is empty' })

  // [MQTT-3.1.2-9]; v3.1.1 [MQTT-3.1.2-9] [MQTT-3.1.2-11]
  const will = (flags & flag.will) === 0 ? undefined : readWill(reader, flags)
  const has = (bit: number): boolean => (flags & bit) !== 0 && !(version === 3 && reader.bytesLeft === 0)
  // [MQTT-3.1.2-16] [MQTT-3.1.2-17] [MQTT-3.1.2-18] [MQTT-3.1.2-19]; v3.1.1 [MQTT-3.1.2-18] [MQTT-3.1.2-19]
  // v3.1.1 [MQTT-3.1.2-20] [MQTT-3.1.2-21]
  const username = has(flag.username) ? reader.text('user name') : undefined
  const password = has(flag.password) ? reader.bytes('password') : undefined
  return reader.finish({
    type: 'connect',
    version,
    clientId,
    cleanStart,
    keepAliveSeconds,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(will !== undefined && { will }),
    properties,
  })
}

function readVersion(reader: PacketReader): ProtocolVersion | undefined {
  const name = reader.text('protocol name')
  const level = reader.byte('protocol level')
  if (reader.fault !== undefined) return undefined
  if (name === 'MQTT' && (level === 4 || level === 5)) return level
  if (name === 'MQIsdp' && level === 3) return level
  // So that the refusal is in a form that the client may know; the high bit is what Mosquitto's bridges set.
  reader.version = (level & 0x7f) < 5 ? 4 : 5
  // [MQTT-3.1.2-1] [MQTT-3.1.2-2]; v3.1.1 [MQTT-3.1.2-1] [MQTT-3.1.2-2]
  const message = `protocol ${JSON.stringify(name.slice(0, 16))} level ${level} is not known`
  return reader.fail({ reasonCode: reasonCode.unsupportedProtocolVersion, message })
}

function checkFlags(reader: PacketReader, flags: number, version: ProtocolVersion): void {
  // [MQTT-3.1.2-3]; v3.1.1 [MQTT-3.1.2-3]. 3.1 leaves the bit unused.
  if ((flags & flag.reserved) !== 0 && version !== 3) reader.fail(malformed('connect flag 0 is set [MQTT-3.1.2-3]'))
  const willQoS = (flags >> willQoSShift) & 0b11
  if ((flags & flag.will) === 0) {
    // v3.1.1 [MQTT-3.1.2-13] [MQTT-3.1.2-15]
    if (willQoS !== 0) reader.fail(malformed('will QoS without a will [MQTT-3.1.2-11]'))
    if ((flags & flag.willRetain) !== 0) reader.fail(malformed('will retain without a will [MQTT-3.1.2-13]'))
  } else if (willQoS === 3) {
    // v3.1.1 [MQTT-3.1.2-14]
    reader.fail(malformed('will QoS is 3 [MQTT-3.1.2-12]'))
  }
  if (version !== 5 && (flags & (flag.username | flag.password)) === flag.password)
    reader.fail(malformed('password without a user name v3.1.1 [MQTT-3.1.2-22]'))
}

function readWill(reader: PacketReader, flags: number): Will {
  const properties = reader.properties('will')
  const topic = reader.text('will topic')
  const payload = reader.bytes('will payload')
  const topicBytes = Buffer.from(topic)
  const fault = checkTopicName(topicBytes, 0, topicBytes.length)
  if (fault !== undefined) reader.fail({ ...fault, message: `will ${fault.message}` })
  return {
    topic,
    payload,
    qos: ((flags >> willQoSShift) & 0b11) as QoS,
    retain: (flags & flag.willRetain) !== 0,
    properties,
  }
}

export function encodeConnect(packet: ConnectPacket): Buffer {
  const { version, will } = packet
  const writer = new ByteWriter()
  writer
    .text(version === 3 ? 'MQIsdp' : 'MQTT')
    .byte(packet.bridge === true && version !== 5 ? version | bridgeBit : version)
    .byte(flagsOf(packet))
    .uint16(packet.keepAliveSeconds)
  const properties = (of: Properties): void => {
    if (version === 5) writer.lengthAndProperties(encodeProperties(of))
  }
  properties(packet.properties)
  writer.text(packet.clientId)
  if (will !== undefined) {
    properties(will.properties)
    writer.text(will.topic).bytes(will.payload)
  }
  if (packet.username !== undefined) writer.text(packet.username)
  if (packet.password !== undefined) writer.bytes(packet.password)
  return writer.packet(0x10)
}

function flagsOf({ cleanStart, will, username, password }: ConnectPacket): number {
  let flags = cleanStart ? flag.cleanStart : 0
  if (will !== undefined) flags |= flag.will | (will.qos << willQoSShift) | (will.retain ? flag.willRetain : 0)
  if (username !== undefined) flags |= flag.username
  if (password !== undefined) flags |= flag.password
  return flags
}
