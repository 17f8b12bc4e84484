import { packedSource } from '@hawser/engine'
/**
 * Who comes and goes, as JSON on `$SYS/broker/events/clients/…`. Client ids are no topic levels: they may hold `/`,
 * `+` and `#`. Nothing is made where nobody listens.
 */
import type { BrokerEvent, ClientReference } from '../events.ts'
import type { Services } from '../services.ts'

const prefix = '$SYS/broker/events/clients/'
const protocols = { 3: '3.1', 4: '3.1.1', 5: '5.0' } as const
const noProperties = Buffer.alloc(0)

/** For `BrokerEvents.listen`. */
export function clientEvents(services: Pick<Services, 'router' | 'live' | 'clock'>): (event: BrokerEvent) => void {
  const { router, live, clock } = services
  const routes = {
    connected: router.routeOf(`${prefix}connected`),
    disconnected: router.routeOf(`${prefix}disconnected`),
  }
  return (event) => {
    if (event.kind !== 'connected' && event.kind !== 'disconnected') return
    const route = router.resolve(routes[event.kind])
    routes[event.kind] = route
    const { topic } = route
    if (route.receivers.length === 0 && route.taps.length === 0 && route.elsewhere === undefined) return
    const at = new Date(clock.wallMicros() / 1000).toISOString()
    const payload = Buffer.from(JSON.stringify({ at, ...who(event.client), ...what(event) }))
    const source = packedSource(topic, noProperties, payload)
    live.message(route, source, false, -1, undefined)
    for (const tap of route.taps) tap.message(topic, { ...source, qos: 0, retain: false, record: undefined })
  }
}

const who = ({ clientId, username, address, listener, protocolVersion }: ClientReference) => ({
  clientId,
  username: username ?? null,
  address,
  listener,
  protocol: protocols[protocolVersion],
})

function what(event: Extract<BrokerEvent, { kind: 'connected' | 'disconnected' }>) {
  switch (event.kind) {
    case 'connected': {
      const { cleanStart, sessionPresent, keepAliveSeconds, sessionExpirySeconds } = event
      return { cleanStart, sessionPresent, keepAliveSeconds, sessionExpirySeconds }
    }
    case 'disconnected': {
      const { by, reasonCode, connectedSeconds } = event
      return { by, reasonCode: reasonCode ?? null, connectedSeconds: Math.round(connectedSeconds) }
    }
    default:
      throw event satisfies never
  }
}
