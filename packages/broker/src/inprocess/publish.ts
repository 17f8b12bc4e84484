/** Publishing from inside the process: KPIs, REST, wills. */
import { encodeProperties, type Properties } from '@hawser/codec'
import { appendPublish, neverExpires, packedSource, publishFlag } from '@hawser/engine'
import type { SessionNumber } from '@hawser/std'
import type { StoredWill } from '../journal/session-state.ts'
import type { LateAnswer } from '../rights/rights.ts'
import { countRefusedWill } from '../rights/will-rights.ts'
import type { Services } from '../services.ts'
import type { Session } from '../session/session.ts'

export interface LocalPublish {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos?: 0 | 1 | 2
  readonly retain?: boolean
  readonly properties?: Properties
}

const localClientId = Buffer.from('$hawser')

/** Resolves when the message is durable, at QoS 0 at once; with false where log or disk took it not. */
export function publishLocally(services: Services, message: LocalPublish): Promise<boolean> {
  const { qos = 0, retain = false, properties = {} } = message
  const { messageExpiryInterval, ...kept } = properties
  const source = packedSource(message.topic, encodeProperties(kept), message.payload)
  const { log, router, live, committed, receipts, clock, steady, counters, retained } = services
  const route = router.resolve(router.routeOf(message.topic))
  if (qos === 0) {
    live.message(route, source, retain, messageExpiryInterval ?? -1, undefined)
    for (const tap of route.taps) tap.message(message.topic, { ...source, qos, retain, record: undefined })
    if (!retain && !route.recorded) return Promise.resolve(true)
  }
  // As with the publishes of clients.
  if (services.disk.low) {
    counters.dropped['log-refused']++
    return Promise.resolve(false)
  }
  const flags = qos | (retain ? publishFlag.retain : 0)
  const expiry = messageExpiryInterval ?? neverExpires
  const order = retain ? retained.nextOrder() : 0
  const to = committed.appenderOf(route)
  const number = 0 as SessionNumber
  const expiresFrom = expiry === neverExpires ? 0 : steady.now()
  const at = clock.wallMicros()
  if (!appendPublish(to, flags, source, localClientId, number, 0, expiry, at, order, expiresFrom)) {
    counters.dropped['log-refused']++
    return Promise.resolve(false)
  }
  counters.recordsAppended++
  committed.appended(to, route, qos)
  if (qos > 0) counters.accounts.ownLogged++
  if (qos === 0 && retain) retained.goesLive(to)
  if (qos === 0) return Promise.resolve(true)
  const [ticket, volatile] = to === log ? [to.lastTicket, -1] : [-1, to.lastTicket]
  return new Promise((resolve) => receipts.run(ticket, volatile, () => resolve(true)))
}

/** A will goes through the log at every QoS: its record says that it is done. */
export function publishWill(
  services: Services,
  session: Session,
  will: StoredWill,
  allowed: boolean | LateAnswer,
): void {
  services.rights.answered(allowed, (answer) => {
    if (answer === true) toLog(services, session, will)
    else countRefusedWill(services)
  })
}

function toLog(services: Services, session: Session, will: StoredWill): void {
  const { log, router, live, committed, clock, steady, counters, waitingWills } = services
  const source = packedSource(will.topic, will.properties, will.payload)
  const route = router.resolve(router.routeOf(will.topic))
  // [MQTT-3.1.2-14] [MQTT-3.1.2-15]; v3.1.1 [MQTT-3.1.2-16] [MQTT-3.1.2-17]
  const flags = will.qos | publishFlag.will | (will.retain ? publishFlag.retain : 0)
  const { clientIdBytes, number } = session
  const expiry = will.messageExpirySeconds
  const order = will.retain ? services.retained.nextOrder() : 0
  const expiresFrom = expiry === neverExpires ? 0 : steady.now()
  const at = clock.wallMicros()
  if (!appendPublish(log, flags, source, clientIdBytes, number, 0, expiry, at, order, expiresFrom)) {
    return waitingWills.add(session, will)
  }
  counters.recordsAppended++
  counters.willsPublished++
  committed.appended(log, route, will.qos)
  if (will.qos > 0) counters.accounts.ownLogged++
  if (will.qos === 0) {
    live.message(route, source, will.retain, expiry === neverExpires ? -1 : expiry, undefined)
    for (const tap of route.taps) tap.message(will.topic, { ...source, qos: 0, retain: will.retain, record: undefined })
  }
  if (will.qos === 0 && will.retain) services.retained.goesLive(log)
}
