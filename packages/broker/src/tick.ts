/** What is looked at once a second: keep alives, slow receivers, the journal, deadlines, `$SYS`. One timer for all. */
import { reasonCode } from '@hawser/codec'
import type { Limits } from './limits/limits.ts'
import type { Connection } from './session/connection.ts'

/** The client may be silent for one and a half times its keep alive. [MQTT-3.1.2-22] */
const keepAliveFactor = 1.5

export function checkConnection(connection: Connection, nowMs: number, limits: Limits): void {
  if (connection.stage === 'new' || connection.stage === 'connecting') {
    if (nowMs - connection.connectedAtMs > limits.connectMsMax) connection.end()
    return
  }
  const silentMsMax = connection.keepAliveSeconds * 1000 * keepAliveFactor
  // One that is not read from now cannot be heard.
  if (silentMsMax > 0 && !connection.paused && nowMs - connection.lastReadMs > silentMsMax) {
    return connection.disconnect(reasonCode.keepAliveTimeout)
  }
  if (connection.holdsPublishersBack && nowMs - connection.congestedSinceMs > limits.slowReceiverMsMax) {
    connection.callSlow()
  }
}
