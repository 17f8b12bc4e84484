/** Faults in sections 4.1 to 4.9: quality of service, retry, order, topics, flow control. */
import type { Breaks, Fault } from './fault.ts'
import {
  bodyOf,
  faultIn,
  fromClient,
  fromServer,
  isDuplicate,
  lost,
  packetIdAt,
  packetOf,
  qosOf,
  swapped,
  type,
  typeOf,
  withByte,
} from './shape.ts'

/** Replaces bytes by others of the same length. */
function replaced(packet: Buffer, from: string, to: string): Buffer {
  const hex = packet.toString('hex')
  return Buffer.from(hex.replaceAll(from, to), 'hex')
}

/** What was sent last comes again with each PINGRESP, on the same connection. */
function resendsAnyTime(): Breaks {
  let last: Buffer | undefined
  return {
    fromServer(packet) {
      if (typeOf(packet) === type.publish && qosOf(packet) > 0) last = packet
      return typeOf(packet) === type.pingresp && last !== undefined ? [last, packet] : [packet]
    },
  }
}

/** A resend that the server already has is taken for a new message. */
function deliversTwice(packet: Buffer): Buffer[] {
  if (qosOf(packet) !== 2 || !isDuplicate(packet)) return [packet]
  const body = bodyOf(packet)
  const at = packetIdAt(body)
  return [packet, packetOf(0x30, body.subarray(0, at), body.subarray(at + 2))]
}

/** The PUBLISH comes again behind its PUBREL. */
function publishAfterPubrel(): Breaks {
  let last: Buffer | undefined
  return {
    fromServer(packet) {
      if (typeOf(packet) === type.publish) last = packet
      return typeOf(packet) === type.pubrel && last !== undefined ? [packet, last] : [packet]
    },
  }
}

const withDup = (packet: Buffer): Buffer => withByte(packet, 0, (byte) => byte).fill((packet[0] ?? 0) | 8, 0, 1)

export const deliveryFaults: readonly Fault[] = [
  ...faultIn(
    'sessions never end',
    { v5: '4.1.0-2' },
    fromClient(type.connect, (packet) => [replaced(packet, '110000003c', '11ffffffff')]),
  ),
  ...faultIn(
    'a large payload is cut',
    { v5: '4.2.0-1', 'v3.1.1': '7.1.1-1' },
    fromServer(type.publish, (packet) =>
      packet.length > 200 ? [packetOf(packet[0] ?? 0, bodyOf(packet).subarray(0, -1))] : [packet],
    ),
  ),
  ...faultIn(
    'QoS 0 has DUP',
    { v5: '4.3.1-1', 'v3.1.1': '4.3.1-1' },
    fromServer(type.publish, (packet) => [withDup(packet)]),
  ),
  ...faultIn(
    'every delivery has packet identifier 1',
    { v5: '4.3.2-1', 'v3.1.1': '4.3.2-1' },
    fromServer(type.publish, (packet) => {
      const at = packetIdAt(bodyOf(packet))
      return [
        withByte(
          withByte(packet, at, () => 0),
          at + 1,
          () => 1,
        ),
      ]
    }),
  ),
  ...faultIn(
    'the first sending has DUP',
    { v5: '4.3.2-2' },
    fromServer(type.publish, (packet) => [withDup(packet)]),
  ),
  ...faultIn(
    'what was not acknowledged is forgotten',
    { v5: '4.3.2-3' },
    fromServer(type.publish, (packet) => (isDuplicate(packet) ? [] : [packet])),
  ),
  ...faultIn(
    'PUBACK bears another identifier',
    { v5: '4.3.2-4', 'v3.1.1': '4.3.2-2' },
    fromServer(type.puback, (packet) => [withByte(packet, 1, (byte) => byte ^ 1)]),
  ),
  ...faultIn(
    'DUP is believed after PUBACK',
    { v5: '4.3.2-5' },
    fromClient(type.publish, (packet) => (isDuplicate(packet) ? [] : [packet])),
  ),
  ...faultIn(
    'QoS 2 has DUP at once',
    { v5: '4.3.3-2' },
    fromServer(type.publish, (packet) => [withDup(packet)]),
  ),
  ...faultIn(
    'QoS 2 is not sent again',
    { v5: '4.3.3-3' },
    fromServer(type.publish, (packet) => (isDuplicate(packet) ? [] : [packet])),
  ),
  ...faultIn(
    'PUBREL bears another identifier',
    { v5: '4.3.3-4', 'v3.1.1': '4.3.3-1' },
    fromServer(type.pubrel, (packet) => [withByte(packet, 1, (byte) => byte ^ 1)]),
  ),
  ...faultIn('the PUBLISH comes again after PUBREL', { v5: '4.3.3-6' }, publishAfterPubrel),
  ...faultIn(
    'a resend at QoS 2 is delivered',
    { v5: '4.3.3-10', 'v3.1.1': '4.3.3-2' },
    fromClient(type.publish, deliversTwice),
  ),
  ...faultIn(
    'PUBCOMP bears another identifier',
    { v5: '4.3.3-11' },
    fromServer(type.pubcomp, (packet) => [withByte(packet, 1, (byte) => byte ^ 1)]),
  ),
  ...faultIn('PUBREC is lost', { v5: '4.3.3-8' }, fromServer(type.pubrec, lost)),
  ...faultIn('what is unacknowledged comes at any time', { v5: '4.4.0-1', 'v3.1.1': '4.4.0-1' }, resendsAnyTime),
  ...faultIn('a PUBACK that refuses is not heard', { v5: '4.4.0-2' }, fromClient(type.puback, lost)),
  ...faultIn('PUBACKs change places', { v5: '4.6.0-2', 'v3.1.1': '4.6.0-2' }, swapped(type.puback)),
  ...faultIn('PUBRECs change places', { v5: '4.6.0-3', 'v3.1.1': '4.6.0-3' }, swapped(type.pubrec)),
  ...faultIn('PUBRELs change places', { v5: '4.6.0-4', 'v3.1.1': '4.6.0-4' }, swapped(type.pubrel)),
  ...faultIn('messages change places', { v5: '4.6.0-5', 'v3.1.1': '4.6.0-6' }, swapped(type.publish)),
  ...faultIn('messages of a topic change places', { v5: '4.6.0-6', 'v3.1.1': '4.6.0-5' }, swapped(type.publish)),
  ...faultIn(
    'a + matches several levels',
    { v5: '4.7.1-2', 'v3.1.1': '4.7.1-3' },
    fromClient(type.subscribe, (packet) => [replaced(packet, '2f2b00', '2f2300')]),
  ),
  ...faultIn(
    'capitals do not count',
    { v5: '4.7.3-4', 'v3.1.1': '4.7.3-4' },
    fromClient(type.publish, (packet) => [replaced(packet, 'c389', 'c3a9')]),
  ),
  ...faultIn(
    'a shared filter is an ordinary one',
    { v5: '4.8.2-3' },
    fromClient(type.subscribe, (packet) => {
      const body = bodyOf(packet)
      const filter = body.subarray(5, -1).toString().replace('$share/g/', '')
      const length = Buffer.of(0, filter.length)
      return [packetOf(0x82, body.subarray(0, 3), length, Buffer.from(filter), body.subarray(-1))]
    }),
  ),
  ...faultIn(
    'the receive maximum is not looked at',
    { v5: '4.9.0-2' },
    fromClient(type.connect, (packet) => [replaced(packet, '210002', '21ffff')]),
  ),
  ...faultIn(
    'the initial send quota is beyond the receive maximum',
    { v5: '4.9.0-1' },
    fromClient(type.connect, (packet) => [replaced(packet, '210002', '210003')]),
  ),
  ...faultIn('requests wait for acknowledgements', { v5: '4.9.0-3' }, fromServer(type.suback, lost)),
]
