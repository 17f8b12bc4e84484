/**
 * A retained message as a row (little endian): u8 version, u8 qos, u16 partition, f64 position, f64 steadyAt,
 * u32 expiry, f64 publisher, u32 topicBytes, u32 propertiesBytes, f64 order (not in version 1), then topic, properties
 * and payload; without payload it stands for a deletion.
 */
import type { Partition, Position } from '@hawser/engine'
import { type SessionNumber, steadyMicros } from '@hawser/std'
import { type RetainedMessage, sizeOf } from '../router/retained-message.ts'

const rowVersion = 2
const headBytes = { 1: 40, 2: 48 } as const

export function encodeRetained(message: RetainedMessage): Buffer {
  const row = Buffer.allocUnsafe(headBytes[rowVersion] + sizeOf(message))
  row[0] = rowVersion
  row[1] = message.qos
  row.writeUInt16LE(message.partition, 2)
  row.writeDoubleLE(message.position, 4)
  row.writeDoubleLE(message.steadyAt, 12)
  row.writeUInt32LE(message.messageExpirySeconds, 20)
  row.writeDoubleLE(message.publisher, 24)
  row.writeUInt32LE(message.topicEnd - message.topicStart, 32)
  row.writeUInt32LE(message.propertiesEnd - message.propertiesStart, 36)
  row.writeDoubleLE(message.order, 40)
  const { buffer, topicStart, topicEnd, propertiesStart, propertiesEnd, payloadStart, payloadEnd } = message
  let at = headBytes[rowVersion]
  at += buffer.copy(row, at, topicStart, topicEnd)
  at += buffer.copy(row, at, propertiesStart, propertiesEnd)
  buffer.copy(row, at, payloadStart, payloadEnd)
  return row
}

/** Its bytes are the row's. */
export function decodeRetained(row: Buffer): RetainedMessage {
  const version = row[0]
  if (version !== 1 && version !== rowVersion) throw new Error(`retained row of version ${version}`)
  const buffer = row.subarray(headBytes[version])
  const topicEnd = row.readUInt32LE(32)
  const propertiesEnd = topicEnd + row.readUInt32LE(36)
  return {
    topic: buffer.toString('utf8', 0, topicEnd),
    buffer,
    topicStart: 0,
    topicEnd,
    propertiesStart: topicEnd,
    propertiesEnd,
    payloadStart: propertiesEnd,
    payloadEnd: buffer.length,
    qos: row[1] as 0 | 1 | 2,
    order: version === 1 ? 0 : row.readDoubleLE(40),
    steadyAt: steadyMicros(row.readDoubleLE(12)),
    messageExpirySeconds: row.readUInt32LE(20),
    publisher: row.readDoubleLE(24) as SessionNumber,
    partition: row.readUInt16LE(2) as Partition,
    position: row.readDoubleLE(4) as Position,
  }
}
