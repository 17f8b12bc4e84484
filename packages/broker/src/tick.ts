/** What is looked at once a second: keep alives, slow receivers, the journal, deadlines, `$SYS`. One timer for all. */
import { reasonCode } from '@hawser/codec'
import { type Clock, milliseconds } from '@hawser/std'
import type { Connection } from './session/connection.ts'

/** The client may be silent for one and a half times its keep alive. [MQTT-3.1.2-22]; v3.1.1 [MQTT-3.1.2-24] */
const keepAliveFactor = 1.5

const tickMs = milliseconds(1_000)

export function checkConnection(connection: Connection, nowMs: number): void {
  const { limits } = connection
  if (connection.stage === 'new' || connection.stage === 'connecting') {
    if (nowMs - connection.connectedAtMs <= limits.connectMsMax) return
    connection.services.counters.refused['connect-time']++
    return connection.end()
  }
  connection.services.unfinished.check(connection, nowMs)
  const silentMsMax = connection.keepAliveSeconds * 1000 * keepAliveFactor
  // One that is not read from now cannot be heard.
  if (silentMsMax > 0 && !connection.reading.paused && nowMs - connection.reading.lastPacketMs > silentMsMax) {
    return connection.disconnect(reasonCode.keepAliveTimeout)
  }
  if (nowMs >= connection.identityExpiresAtMs) {
    return connection.disconnect(reasonCode.maximumConnectTime, 'the credential has ended')
  }
  if (connection.authentication?.overdue(nowMs) === true) {
    return connection.disconnect(reasonCode.notAuthorized, 're-authentication takes too long')
  }
  if (
    connection.reading.holdsPublishersBack &&
    nowMs - connection.reading.congestedSinceMs > limits.slowReceiverMsMax
  ) {
    connection.reading.callSlow()
  }
}

/** Calls `look` once a tick, however long other work takes, until it is disposed of. */
export class Tick implements Disposable {
  readonly #clock: Clock
  readonly #look: () => void
  #timer: Disposable | undefined
  #stopped = false

  constructor(clock: Clock, look: () => void) {
    this.#clock = clock
    this.#look = look
    this.#arm()
  }

  [Symbol.dispose](): void {
    this.#stopped = true
    this.#timer?.[Symbol.dispose]()
  }

  #arm(): void {
    this.#timer = this.#clock.after(tickMs, () => {
      this.#arm()
      // After a stall the sockets are read before anybody is blamed for silence.
      setImmediate(() => {
        if (!this.#stopped) this.#look()
      })
    })
  }
}
