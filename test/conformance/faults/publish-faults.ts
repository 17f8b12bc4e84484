/** Faults in PUBLISH and PUBACK. */
import type { Fault } from './fault.ts'
import { bodyOf, faultIn, fromClient, fromServer, lost, packetOf, qosOf, type, withByte } from './shape.ts'

const withFirst = (packet: Buffer, change: (first: number) => number): Buffer =>
  packetOf(change(packet[0] ?? 0), bodyOf(packet))

/** PUBLISH to the client with another first byte. */
const flags = (change: (first: number) => number): Fault['breaks'] =>
  fromServer(type.publish, (packet) => [withFirst(packet, change)])

const bytes = (from: RegExp, to: string): Fault['breaks'] =>
  fromServer(type.publish, (packet) => [Buffer.from(packet.toString('hex').replace(from, to), 'hex')])

const fromClientBytes = (from: RegExp, to: string): Fault['breaks'] =>
  fromClient(type.publish, (packet) => [Buffer.from(packet.toString('hex').replace(from, to), 'hex')])

export const publishFaults: readonly Fault[] = [
  ...faultIn(
    'what is sent again has no DUP',
    { v5: '3.3.1-1', 'v3.1.1': '3.3.1-1' },
    flags((first) => first & ~8),
  ),
  ...faultIn(
    'DUP is forwarded',
    { v5: '3.3.1-3', 'v3.1.1': '3.3.1-3' },
    flags((first) => ((first & 6) === 0 ? first : first | 8)),
  ),
  ...faultIn(
    'QoS 3 is taken',
    { v5: '3.3.1-4', 'v3.1.1': '3.3.1-4' },
    fromClient(type.publish, (packet) => (qosOf(packet) === 3 ? [withFirst(packet, (first) => first & ~4)] : [packet])),
  ),
  ...faultIn(
    'a retained message is not kept',
    { v5: '3.3.1-5', 'v3.1.1': '3.3.1-5' },
    fromClient(type.publish, (packet) => [withFirst(packet, (first) => first & ~1)]),
  ),
  ...faultIn(
    'every message is retained',
    { v5: '3.3.1-8', 'v3.1.1': '3.3.1-12' },
    fromClient(type.publish, (packet) => [withFirst(packet, (first) => first | 1)]),
  ),
  ...faultIn(
    'RETAIN is forwarded',
    { v5: '3.3.1-12', 'v3.1.1': '3.3.1-9' },
    flags((first) => first | 1),
  ),
  ...faultIn(
    'RETAIN is not kept',
    { v5: '3.3.1-13', 'v3.1.1': '3.3.1-8' },
    flags((first) => first & ~1),
  ),
  ...faultIn(
    'an empty retained message is not delivered',
    { v5: '3.3.1-6', 'v3.1.1': '3.3.1-10' },
    fromServer(type.publish, (packet) => (packet.includes('kept') ? [packet] : [])),
  ),
  ...faultIn(
    'wildcards in a topic are taken',
    { v5: '3.3.2-2', 'v3.1.1': '3.3.2-2' },
    fromClient(type.publish, (packet) => [
      Buffer.from(packet.map((byte) => (byte === 0x23 || byte === 0x2b ? 0x78 : byte))),
    ]),
  ),
  ...faultIn('the payload format indicator is lost', { v5: '3.3.2-4' }, bytes(/020101/, '020100')),
  ...faultIn('the message expiry stays what it was', { v5: '3.3.2-6' }, bytes(/02000000(50|4f|51)/, '0200000064')),
  ...faultIn('a topic alias of 0 is taken', { v5: '3.3.2-8' }, fromClientBytes(/230000/, '230001')),
  ...faultIn('the response topic is changed', { v5: '3.3.2-15' }, bytes(/6865726578/, '6865727578')),
  ...faultIn(
    'user properties are sorted',
    { v5: '3.3.2-18' },
    bytes(/(26000162000131)(0300047479706\d)(26000161000132)/, '$3$2$1'),
  ),
  ...faultIn('subscription identifiers are mixed up', { v5: '3.3.4-3' }, bytes(/0b01/, '0b02')),
  ...faultIn('a subscription identifier of a client is taken', { v5: '3.3.4-6' }, fromClientBytes(/020b01/, '020101')),
  ...faultIn(
    'the Receive Maximum is not looked at',
    { v5: '3.3.4-9' },
    fromClient(type.connect, (packet) => [Buffer.from(packet.toString('hex').replace('210003', '21ffff'), 'hex')]),
  ),
  ...faultIn('PUBACK is lost', { v5: '3.3.4-1', 'v3.1.1': '3.3.4-1' }, fromServer(type.puback, lost)),
  ...faultIn(
    'PUBACK bears a code that it does not have',
    { v5: '3.4.2-1' },
    fromServer(type.puback, (packet) => [packetOf(0x40, bodyOf(packet).subarray(0, 2), Buffer.of(0x92))]),
  ),
  ...faultIn(
    'the topic is changed',
    { v5: '3.3.2-1', 'v3.1.1': '3.3.2-1' },
    fromServer(type.publish, (packet) => [withByte(packet, 2, () => 0x78)]),
  ),
]
