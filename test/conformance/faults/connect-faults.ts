/** Faults in chapters 1 and 2, CONNECT and CONNACK. */
import type { Breaks, Fault } from './fault.ts'
import { bodyOf, faultIn, fromClient, fromServer, lost, packetOf, type, typeOf, withByte } from './shape.ts'

/** Where the connect flags and the keep alive stand in the body. */
const flagsAt = 7
const keepAliveAt = 8

const connectFlags = (change: (flags: number) => number): Fault['breaks'] =>
  fromClient(type.connect, (packet) => [withByte(packet, flagsAt, change)])

const acknowledgeFlags = (change: (flags: number) => number): Fault['breaks'] =>
  fromServer(type.connack, (packet) => [withByte(packet, 0, change)])

/** Bytes of CONNECT replaced by as many others, wherever they stand. */
const connectBytes = (from: RegExp, to: string): Fault['breaks'] =>
  fromClient(type.connect, (packet) => [Buffer.from(packet.toString('hex').replace(from, to), 'hex')])

/** What has a bad first byte is mended on its way, as a lenient server would. */
function lenientFlags(packet: Buffer): Buffer[] {
  const packetType = typeOf(packet)
  if (packetType === type.publish) return [packet]
  const flags = [type.pubrel, type.subscribe, type.unsubscribe].some((other) => other === packetType) ? 2 : 0
  return [packetOf((packetType << 4) | flags, bodyOf(packet))]
}

/** The client hears nothing of the end: neither a reason nor the end itself. */
const neverCloses = (): Breaks => ({
  staysOpen: true,
  fromServer: (packet) => (typeOf(packet) === type.disconnect ? [] : [packet]),
})

function secondConnack(): Breaks {
  let connack: Buffer | undefined
  return {
    fromServer(packet) {
      if (typeOf(packet) === type.connack) connack = packet
      return typeOf(packet) === type.suback && connack !== undefined ? [packet, connack] : [packet]
    },
  }
}

/** What the session has waiting goes before the CONNACK. */
function connackSecond(): Breaks {
  let connack: Buffer | undefined
  return {
    fromServer(packet) {
      if (typeOf(packet) === type.connack) {
        connack = packet
        return []
      }
      const both = connack === undefined ? [packet] : [packet, connack]
      connack = undefined
      return both
    },
  }
}

function secondConnectIgnored(): Breaks {
  let connected = false
  return {
    fromClient(packet) {
      if (typeOf(packet) !== type.connect) return [packet]
      const second = connected
      connected = true
      return second ? [] : [packet]
    },
  }
}

const formatFaults: readonly Fault[] = [
  ...faultIn(
    'a byte order mark is changed',
    { v5: '1.5.4-3', 'v3.1.1': '1.5.3-3' },
    fromServer(type.publish, (packet) => {
      const hex = bodyOf(packet).toString('hex')
      return [packetOf(packet[0] ?? 0, Buffer.from(hex.replace('efbbbf', '202020'), 'hex'))]
    }),
  ),
  ...faultIn(
    'SUBACK has a Remaining Length of two bytes',
    { v5: '1.5.5-1' },
    fromServer(type.suback, (packet) => {
      const body = bodyOf(packet)
      return [Buffer.concat([Buffer.of(packet[0] ?? 0, body.length | 0x80, 0), body])]
    }),
  ),
  ...faultIn('reserved flags are not looked at', { v5: '2.1.3-1', 'v3.1.1': '2.2.2-2' }, () => ({
    fromClient: lenientFlags,
  })),
  ...faultIn(
    'PUBACK has another packet identifier',
    { v5: '2.2.1-5', 'v3.1.1': '2.3.1-6' },
    fromServer(type.puback, (packet) => [withByte(packet, 1, (byte) => byte ^ 1)]),
  ),
]

export const connectFaults: readonly Fault[] = [
  ...formatFaults,
  ...faultIn('a second CONNECT is ignored', { v5: '3.1.0-2', 'v3.1.1': '3.1.0-2' }, secondConnectIgnored),
  ...faultIn(
    'the protocol name is not looked at',
    { v5: '3.1.2-1', 'v3.1.1': '3.1.2-1' },
    connectBytes(/00044d515458|00046d717474/, '00044d515454'),
  ),
  ...faultIn(
    'the reserved connect flag is not looked at',
    { v5: '3.1.2-3', 'v3.1.1': '3.1.2-3' },
    connectFlags((flags) => flags & ~1),
  ),
  ...faultIn(
    'Clean Start is not carried out',
    { v5: '3.1.2-4', 'v3.1.1': '3.1.2-6' },
    connectFlags((flags) => flags & ~2),
  ),
  ...faultIn(
    'no session goes on',
    { v5: '3.1.2-5', 'v3.1.1': '3.1.2-4' },
    connectFlags((flags) => flags | 2),
  ),
  ...faultIn(
    'every will is retained',
    { v5: '3.1.2-14', 'v3.1.1': '3.1.2-16' },
    connectFlags((flags) => ((flags & 4) === 0 ? flags : flags | 0x20)),
  ),
  ...faultIn(
    'no will is retained',
    { v5: '3.1.2-15', 'v3.1.1': '3.1.2-17' },
    connectFlags((flags) => flags & ~0x20),
  ),
  ...faultIn(
    'DISCONNECT does not withdraw the will',
    { v5: '3.1.2-10', 'v3.1.1': '3.1.2-10' },
    // In its place comes what is no packet.
    fromClient(type.disconnect, () => [Buffer.of(0x3f, 0)]),
  ),
  ...faultIn(
    'the keep alive is not looked at',
    { v5: '3.1.2-22', 'v3.1.1': '3.1.2-24' },
    fromClient(type.connect, (packet) => [
      withByte(
        withByte(packet, keepAliveAt, () => 0),
        keepAliveAt + 1,
        () => 0,
      ),
    ]),
  ),
  ...faultIn(
    'the keep alive is taken for half of it',
    { v5: '3.1.2-22', 'v3.1.1': '3.1.2-24' },
    fromClient(type.connect, (packet) => [withByte(packet, keepAliveAt + 1, (seconds) => seconds >> 1)]),
  ),
  ...faultIn('sessions end with their connection', { v5: '3.1.2-23' }, connectBytes(/1100000258/, '1100000000')),
  ...faultIn('the Maximum Packet Size is not looked at', { v5: '3.1.2-24' }, connectBytes(/27000000../, '270fffffff')),
  ...faultIn('the Topic Alias Maximum is not looked at', { v5: '3.1.2-26' }, connectBytes(/220002/, '2200ff')),
  ...faultIn(
    'an assigned client identifier is not told',
    { v5: '3.1.3-7' },
    fromServer(type.connack, (packet) => [packetOf(0x20, bodyOf(packet).subarray(0, 2), Buffer.of(0))]),
  ),
  ...faultIn(
    'a taken over client is told something else',
    { v5: '3.1.4-3' },
    fromServer(type.disconnect, (packet) => [withByte(packet, 0, () => 0x8b)]),
  ),
  ...faultIn('the older connection stays open', { 'v3.1.1': '3.1.4-2' }, neverCloses),
  ...faultIn('CONNACK is lost', { v5: '3.1.4-5', 'v3.1.1': '3.1.4-4' }, fromServer(type.connack, lost)),
  ...faultIn('the first that comes is not CONNACK', { v5: '3.2.0-1', 'v3.1.1': '3.2.0-1' }, connackSecond),
  ...faultIn('CONNACK comes twice', { v5: '3.2.0-2' }, secondConnack),
  ...faultIn(
    'reserved acknowledge flags are set',
    { v5: '3.2.2-1' },
    acknowledgeFlags((flags) => flags | 2),
  ),
  ...faultIn(
    'Session Present is always 1',
    { v5: '3.2.2-2', 'v3.1.1': '3.2.2-1' },
    acknowledgeFlags((flags) => flags | 1),
  ),
  ...faultIn(
    'Session Present is always 0',
    { v5: '3.2.2-3', 'v3.1.1': '3.2.2-2' },
    acknowledgeFlags((flags) => flags & ~1),
  ),
  ...faultIn('a refused connection stays open', { v5: '3.2.2-7', 'v3.1.1': '3.2.2-5' }, neverCloses),
  ...faultIn(
    'the Maximum QoS is not told',
    { v5: '3.2.2-9' },
    fromServer(type.connack, (packet) => [packetOf(0x20, bodyOf(packet).subarray(0, 2), Buffer.of(0))]),
  ),
]
