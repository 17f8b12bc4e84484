/** Why a message is not delivered, or not taken: every drop has one, and a counter of its own. */
export const dropReasons = [
  /** QoS 0 to a receiver whose output is full. */
  'slow-receiver',
  /** QoS 0 to another process whose queue is full. */
  'slow-peer',
  /** Larger than the receiver's Maximum Packet Size. [MQTT-3.1.2-24] */
  'packet-too-large',
  /** Of a publisher, past `limits.payloadBytesMax`. */
  'payload-too-large',
  /** Its message expiry interval had passed. [MQTT-3.3.2-5] */
  'expired',
  /** The log takes nothing now (disk full or failed). */
  'log-refused',
  /** The retained view is full. */
  'retained-limit',
  /** The log no longer holds what a slow or long absent session had still to read. */
  'behind-log',
  /** Of a session that was away for long: past `limits.backlog_messages_max` or `_bytes_max`, the oldest. */
  'backlog-limit',
  /** A delivery's retained message was replaced before it could be sent again. */
  'retained-replaced',
  /** Its publisher may not write there, or its receiver may not read it (any more). */
  'not-authorized',
  /** Of a topic that a client behind a mount point has no name for. */
  'outside-mount-point',
  /** By the embedding program. */
  'hook',
] as const
export type DropReason = (typeof dropReasons)[number]
