import { encodeAcknowledgement } from './packet/acknowledgement.ts'
import { encodeAuth } from './packet/auth.ts'
import { encodeConnack } from './packet/connack.ts'
import { encodeConnect } from './packet/connect.ts'
import { encodeDisconnect } from './packet/disconnect.ts'
import { encodePingreq, encodePingresp } from './packet/ping.ts'
import { encodePublish } from './packet/publish.ts'
import { encodeSuback } from './packet/suback.ts'
import { encodeSubscribe } from './packet/subscribe.ts'
import { encodeUnsuback } from './packet/unsuback.ts'
import { encodeUnsubscribe } from './packet/unsubscribe.ts'
import type { Packet, ProtocolVersion } from './packets.ts'

/**
 * The packet's bytes. What its version cannot say is left out: properties and reasons before 5.0; CONNECT goes by its
 * own version. Throws a `RangeError` for a value that does not fit its field, and for AUTH before 5.0.
 */
export function encode(packet: Packet, version: ProtocolVersion): Buffer {
  switch (packet.type) {
    case 'connect':
      return encodeConnect(packet)
    case 'connack':
      return encodeConnack(packet, version)
    case 'publish':
      return encodePublish(packet, version)
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return encodeAcknowledgement(packet, version)
    case 'subscribe':
      return encodeSubscribe(packet, version)
    case 'suback':
      return encodeSuback(packet, version)
    case 'unsubscribe':
      return encodeUnsubscribe(packet, version)
    case 'unsuback':
      return encodeUnsuback(packet, version)
    case 'pingreq':
      return encodePingreq()
    case 'pingresp':
      return encodePingresp()
    case 'disconnect':
      return encodeDisconnect(packet, version)
    case 'auth':
      if (version !== 5) throw new RangeError('only MQTT 5.0 has AUTH')
      return encodeAuth(packet)
    default:
      throw packet satisfies never
  }
}
