/** Why a connection ended before its client had said anything in MQTT. Each reason has a counter. */
export const doorRefusals = [
  /** As many connections as the listener or the broker takes. */
  'connections-limit',
  /** PROXY header, TLS handshake, HTTP upgrade and CONNECT were not all there in time. */
  'too-slow',
  /** None, a broken one, or from somebody who is no proxy. */
  'proxy-header',
  'tls-handshake',
  /** Not signed by the listener's authority, revoked, or over. */
  'client-certificate',
  /** A request that is no upgrade to WebSocket with the subprotocol `mqtt`. */
  'websocket-request',
  'websocket-origin',
] as const
export type DoorRefusal = (typeof doorRefusals)[number]
