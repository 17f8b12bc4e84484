/** What a connected client may ask for, but for PUBLISH and its acknowledgements. */
import { type ControlPacket, reasonCode } from '@hawser/codec'
import type { Connection } from './connection.ts'
import { disconnected } from './disconnect.ts'
import { subscribe, unsubscribe } from './subscribe.ts'

export function request(connection: Connection, packet: ControlPacket): void {
  switch (packet.type) {
    case 'subscribe':
      return subscribe(connection, packet)
    case 'unsubscribe':
      return unsubscribe(connection, packet)
    case 'pingreq':
      // [MQTT-3.12.4-1] v3.1.1 [MQTT-3.12.4-1]
      return connection.send({ type: 'pingresp' })
    case 'disconnect':
      return disconnected(connection, packet)
    case 'auth':
      return connection.fault({
        reasonCode: reasonCode.protocolError,
        message: 'AUTH without an authentication method [MQTT-4.12.0-7]',
      })
    default:
      return connection.fault({ reasonCode: reasonCode.protocolError, message: `${packet.type} from a client` })
  }
}
