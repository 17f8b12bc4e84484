import type { ControlPacket } from '../packets.ts'
import type { PacketReader } from '../reader.ts'
import { decodeAuth } from './auth.ts'
import { decodeConnack } from './connack.ts'
import { decodeConnect } from './connect.ts'
import { decodeDisconnect } from './disconnect.ts'
import { decodePingreq, decodePingresp } from './ping.ts'
import { decodeSuback } from './suback.ts'
import { decodeSubscribe } from './subscribe.ts'
import { decodeUnsuback } from './unsuback.ts'
import { decodeUnsubscribe } from './unsubscribe.ts'

type ControlDecoder = (reader: PacketReader) => ControlPacket | undefined

/** By the first byte's upper half. The fixed header's table has let no other type through. */
const decoders: Readonly<Record<number, ControlDecoder>> = {
  1: decodeConnect,
  2: decodeConnack,
  8: decodeSubscribe,
  9: decodeSuback,
  10: decodeUnsubscribe,
  11: decodeUnsuback,
  12: decodePingreq,
  13: decodePingresp,
  14: decodeDisconnect,
  15: decodeAuth,
}

/** The packet, or undefined with the fault on the reader. */
export function decodeControl(reader: PacketReader, type: number): ControlPacket | undefined {
  const decode = decoders[type]
  if (decode === undefined) throw new RangeError(`packet type ${type} is no control packet`)
  return decode(reader)
}
