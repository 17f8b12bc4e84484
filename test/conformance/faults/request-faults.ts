/** Faults in sections 3.5 to 3.15, 4.12 and 4.13: requests, their answers and the end of a connection. */
import type { Fault } from './fault.ts'
import { bodyOf, faultIn, fromClient, fromServer, lost, packetOf, type, typeOf, withByte } from './shape.ts'

const flagsForgiven = (of: 6 | 8 | 10) => (): ReturnType<Fault['breaks']> => ({
  fromClient: (packet) => (typeOf(packet) === of ? [packetOf((of << 4) | 2, bodyOf(packet))] : [packet]),
})

const staysOpen = (): ReturnType<Fault['breaks']> => ({ staysOpen: true })

/** SUBACK and UNSUBACK: identifier, property length 0, codes; in 3.1.1 without the length. */
function reversed(packet: Buffer, codesAt: number): Buffer {
  const body = bodyOf(packet)
  return packetOf(packet[0] ?? 0, body.subarray(0, codesAt), Buffer.from(body.subarray(codesAt)).reverse())
}

export const requestFaults: readonly Fault[] = [
  ...faultIn(
    'PUBREC bears a code that is none',
    { v5: '3.5.2-1' },
    fromServer(type.pubrec, (packet) => [packetOf(0x50, bodyOf(packet).subarray(0, 2), Buffer.of(0x42))]),
  ),
  ...faultIn('PUBREL is taken with any flags', { v5: '3.6.1-1', 'v3.1.1': '3.6.1-1' }, flagsForgiven(type.pubrel)),
  ...faultIn(
    'PUBREL bears a code that is none',
    { v5: '3.6.2-1' },
    fromServer(type.pubrel, (packet) => [packetOf(0x62, bodyOf(packet).subarray(0, 2), Buffer.of(0x42))]),
  ),
  ...faultIn(
    'PUBCOMP bears a code that is none',
    { v5: '3.7.2-1' },
    fromServer(type.pubcomp, (packet) => [packetOf(0x70, bodyOf(packet).subarray(0, 2), Buffer.of(0x42))]),
  ),
  ...faultIn(
    'SUBSCRIBE is taken with any flags',
    { v5: '3.8.1-1', 'v3.1.1': '3.8.1-1' },
    flagsForgiven(type.subscribe),
  ),
  ...faultIn(
    'No Local is not looked at',
    { v5: '3.8.3-3' },
    fromClient(type.subscribe, (packet) => [withByte(packet, -1, (options) => options & ~4)]),
  ),
  ...faultIn(
    'reserved bits of a subscription are not looked at',
    { v5: '3.8.3-5', 'v3.1.1': '3.8.3-4' },
    fromClient(type.subscribe, (packet) => [withByte(packet, -1, () => 0)]),
  ),
  ...faultIn(
    'SUBACK bears another identifier',
    { v5: '3.8.4-2', 'v3.1.1': '3.8.4-2' },
    fromServer(type.suback, (packet) => [withByte(packet, 1, (byte) => byte ^ 1)]),
  ),
  ...faultIn('SUBACK is lost', { v5: '3.8.4-1', 'v3.1.1': '3.8.4-1' }, fromServer(type.suback, lost)),
  ...faultIn(
    'retained messages are not sent again',
    { v5: '3.8.4-4', 'v3.1.1': '3.8.4-3' },
    fromServer(type.publish, (packet) => ((packet[0] ?? 0) & 1 ? [] : [packet])),
  ),
  ...faultIn(
    'of several filters only the first has a code',
    { v5: '3.8.4-6' },
    fromServer(type.suback, (packet) => [packetOf(0x90, bodyOf(packet).subarray(0, 4))]),
  ),
  ...faultIn(
    'of several filters only the first has a return code',
    { 'v3.1.1': '3.8.4-5' },
    fromServer(type.suback, (packet) => [packetOf(0x90, bodyOf(packet).subarray(0, 3))]),
  ),
  ...faultIn('QoS 1 is granted as QoS 0', { v5: '3.8.4-8', 'v3.1.1': '3.8.4-6' }, () => ({
    fromClient: (packet) =>
      typeOf(packet) === type.subscribe ? [withByte(packet, -1, (qos) => (qos === 1 ? 0 : qos))] : [packet],
    fromServer: (packet) =>
      typeOf(packet) === type.suback ? [withByte(packet, -1, (qos) => (qos === 0 ? 1 : qos))] : [packet],
  })),
  ...faultIn(
    'the codes of SUBACK are reversed',
    { v5: '3.9.3-1' },
    fromServer(type.suback, (packet) => [reversed(packet, 3)]),
  ),
  ...faultIn(
    'the return codes of SUBACK are reversed',
    { 'v3.1.1': '3.9.3-1' },
    fromServer(type.suback, (packet) => [reversed(packet, 2)]),
  ),
  ...faultIn(
    'SUBACK bears a code that is none',
    { v5: '3.9.3-2', 'v3.1.1': '3.9.3-2' },
    fromServer(type.suback, (packet) => [withByte(packet, -1, () => 0x42)]),
  ),
  ...faultIn(
    'UNSUBSCRIBE is taken with any flags',
    { v5: '3.10.1-1', 'v3.1.1': '3.10.1-1' },
    flagsForgiven(type.unsubscribe),
  ),
  ...faultIn(
    'UNSUBSCRIBE changes nothing',
    { v5: '3.10.4-2', 'v3.1.1': '3.10.4-2' },
    fromClient(type.unsubscribe, (packet) => [withByte(packet, -1, (byte) => byte ^ 0x40)]),
  ),
  ...faultIn('UNSUBACK is lost', { v5: '3.10.4-4', 'v3.1.1': '3.10.4-4' }, fromServer(type.unsuback, lost)),
  ...faultIn(
    'UNSUBACK bears another identifier',
    { v5: '3.10.4-5', 'v3.1.1': '3.10.4-4' },
    fromServer(type.unsuback, (packet) => [withByte(packet, 1, (byte) => byte ^ 1)]),
  ),
  ...faultIn(
    'the codes of UNSUBACK are reversed',
    { v5: '3.11.3-1' },
    fromServer(type.unsuback, (packet) => [reversed(packet, 3)]),
  ),
  ...faultIn(
    'UNSUBACK bears a code that is none',
    { v5: '3.11.3-2' },
    fromServer(type.unsuback, (packet) => [withByte(packet, -1, () => 0x42)]),
  ),
  ...faultIn('PINGRESP is lost', { v5: '3.12.4-1', 'v3.1.1': '3.12.4-1' }, fromServer(type.pingresp, lost)),
  ...faultIn(
    'DISCONNECT comes in place of the CONNACK that refuses',
    { v5: '3.14.0-1' },
    fromServer(type.connack, (packet) =>
      (bodyOf(packet)[1] ?? 0) < 0x80 ? [packet] : [packetOf(0xe0, Buffer.of(bodyOf(packet)[1] ?? 0))],
    ),
  ),
  ...faultIn(
    'DISCONNECT is taken with any flags',
    { v5: '3.14.1-1', 'v3.1.1': '3.14.1-1' },
    fromClient(type.disconnect, (packet) => [packetOf(0xe0, bodyOf(packet))]),
  ),
  ...faultIn(
    'DISCONNECT bears a code that is none',
    { v5: '3.14.2-1' },
    fromServer(type.disconnect, () => [packetOf(0xe0, Buffer.of(0x42))]),
  ),
  ...faultIn(
    'DISCONNECT has a session expiry interval',
    { v5: '3.14.2-2' },
    fromServer(type.disconnect, (packet) => [
      packetOf(0xe0, bodyOf(packet).subarray(0, 1), Buffer.of(5, 0x11, 0, 0, 0, 60)),
    ]),
  ),
  ...faultIn(
    'DISCONNECT explains itself at any length',
    { v5: '3.14.2-3' },
    fromServer(type.disconnect, (packet) => [
      packetOf(0xe0, bodyOf(packet).subarray(0, 1), Buffer.of(53, 0x1f, 0, 50), Buffer.alloc(50, 'x')),
    ]),
  ),
  ...faultIn(
    'PINGRESP comes behind DISCONNECT',
    { v5: '3.14.4-1' },
    fromServer(type.disconnect, (packet) => [packet, packetOf(0xd0)]),
  ),
  ...faultIn('the connection stays open after DISCONNECT', { v5: '3.14.4-2' }, staysOpen),
  ...faultIn(
    'DISCONNECT does not withdraw the will',
    { v5: '3.14.4-3' },
    fromClient(type.disconnect, () => [packetOf(0xe0, Buffer.of(4, 0))]),
  ),
  ...faultIn(
    'DISCONNECT is taken for a loss',
    { 'v3.1.1': '3.14.4-3' },
    fromClient(type.disconnect, () => [packetOf(0xc3)]),
  ),
  ...faultIn(
    'AUTH is taken with any flags',
    { v5: '3.15.1-1' },
    fromClient(type.auth, (packet) => [packetOf(0xf0, bodyOf(packet))]),
  ),
  ...faultIn(
    'AUTH bears a code that is none',
    { v5: '3.15.2-1' },
    fromServer(type.auth, (packet) => [withByte(packet, 0, () => 0x42)]),
  ),
  ...faultIn(
    'AUTH says success in the middle',
    { v5: '4.12.0-2' },
    fromServer(type.auth, (packet) => [withByte(packet, 0, () => 0)]),
  ),
  ...faultIn(
    'AUTH bears another method',
    { v5: '4.12.0-5' },
    fromServer(type.auth, (packet) => [withByte(packet, 6, (letter) => letter ^ 1)]),
  ),
  ...faultIn(
    'CONNACK bears a method that nobody named',
    { v5: '4.12.0-6' },
    fromServer(type.connack, (packet) => {
      const body = bodyOf(packet)
      const properties = body.subarray(3)
      return [packetOf(0x20, body.subarray(0, 2), Buffer.of(properties.length + 4, 0x15, 0, 1, 0x61), properties)]
    }),
  ),
  ...faultIn('the connection stays open after an unknown method', { v5: '4.12.0-1' }, staysOpen),
  ...faultIn('the connection stays open after a refusal', { v5: '4.12.0-4' }, staysOpen),
  ...faultIn('the connection stays open after a failed re-authentication', { v5: '4.12.1-2' }, staysOpen),
  ...faultIn('the connection stays open after a fault', { v5: '4.13.2-1' }, staysOpen),
  ...faultIn(
    'QoS 3 is taken for QoS 1',
    { v5: '4.13.1-1', 'v3.1.1': '4.8.0-1' },
    fromClient(type.publish, (packet) => [(packet[0] ?? 0) === 0x36 ? packetOf(0x32, bodyOf(packet)) : packet]),
  ),
]
