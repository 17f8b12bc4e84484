/** PINGREQ and PINGRESP, sections 3.12 and 3.13: a fixed header and nothing else. */
import type { PingreqPacket, PingrespPacket } from '../packets.ts'
import type { PacketReader } from '../reader.ts'

export const decodePingreq = (reader: PacketReader): PingreqPacket | undefined => reader.finish({ type: 'pingreq' })
export const decodePingresp = (reader: PacketReader): PingrespPacket | undefined => reader.finish({ type: 'pingresp' })

export const encodePingreq = (): Buffer => Buffer.of(0xc0, 0)
export const encodePingresp = (): Buffer => Buffer.of(0xd0, 0)
