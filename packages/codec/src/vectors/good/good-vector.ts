import type { Packet, ProtocolVersion } from '../../packets.ts'

export interface GoodVector {
  readonly name: string
  /** What the decoder knows beforehand; CONNECT tells it. */
  readonly version: ProtocolVersion
  readonly sender: 'client' | 'server'
  readonly wire: string
  readonly packet: Packet
  /** A legal form that we would not choose: decoded, never encoded. */
  readonly decodeOnly?: true
}
