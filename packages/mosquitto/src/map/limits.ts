/** Mosquitto's limits and their defaults in our names. */
import type { Settings } from '../conf/conf.ts'

/** What Mosquitto does where nothing is said; where 2.0 and 2.1 differ, it is 2.1's. */
const defaults = {
  inflightMessages: 20,
  packetBytes: 2_000_000,
  topicAliases: 10,
}

/** Receive Maximum is 65,535 at most, and 0 of Mosquitto's means no bound. */
const inflightMost = 65_535
/** A Session Expiry Interval that never ends. */
const neverSeconds = 0xffff_ffff

export function limitsOf(settings: Settings): Readonly<Record<string, number>> {
  const inflight = unlessZero(settings.number('max_inflight_messages') ?? defaults.inflightMessages, inflightMost)
  const expiry = settings.number('persistent_client_expiration') ?? neverSeconds
  const connections = settings.number('global_max_connections') ?? -1
  const sessions = settings.number('global_max_clients') ?? -1
  return {
    receive_maximum: inflight,
    inflight_max: inflight,
    durable_inflight_max: inflight,
    packet_bytes_max: settings.number('max_packet_size') ?? defaults.packetBytes,
    payload_bytes_max: settings.number('message_size_limit') ?? 0,
    topic_alias_maximum: defaults.topicAliases,
    keep_alive_seconds_max: settings.number('max_keepalive') ?? 0,
    session_expiry_seconds_max: Math.min(expiry, neverSeconds),
    legacy_session_expiry_seconds: Math.min(expiry, neverSeconds),
    ...(connections < 0 ? {} : { connections_max: connections }),
    ...(sessions < 0 ? {} : { sessions_max: sessions }),
  }
}

const unlessZero = (value: number, most: number): number => (value <= 0 || value > most ? most : value)
