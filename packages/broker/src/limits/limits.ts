/** Every bound of the broker stands here, with its unit. Nothing in it grows past one of these. */
export interface Limits {
  readonly connectionsMax: number
  /** 0: no bound. */
  readonly connectsPerSecondMax: number
  readonly connectsPerSecondPerAddressMax: number
  readonly bansMax: number
  /** Connects of one client id within the window past which it is banned; 0: never. */
  readonly flappingConnectsMax: number
  readonly flappingWindowMs: number
  readonly flappingBanMs: number
  /** Sessions, with and without connection. */
  readonly sessionsMax: number
  /** PUBLISH, SUBSCRIBE and the like of one client; past it the client is not read. 0: no bound. */
  readonly messagesPerSecondMax: number
  /** Of PUBLISH packets of one client. */
  readonly bytesPerSecondMax: number
  /** How long a client may be held back by its rates without a quiet second before it is closed; 0: for ever. */
  readonly rateExcessMsMax: number
  /** From the first byte until CONNECT is there whole and answered; also a re-authentication. */
  readonly connectMsMax: number
  /** Packets that a client may send in one enhanced authentication. */
  readonly authenticationStepsMax: number
  /** How long a closed connection's last bytes may take to go out. */
  readonly closeMsMax: number
  /** Closed connections whose peer has not closed yet; past it the oldest is cut off. */
  readonly closingMax: number
  /** How long whoever decides over rights may take; then the answer is no. */
  readonly authorizationMsMax: number
  /** Announced to 5.0 clients; a larger packet ends its connection. */
  readonly packetBytesMax: number
  /** 0: no bound of its own. Else a publish with a larger payload is refused alone. */
  readonly payloadBytesMax: number
  /** Bytes set aside for packets that have begun and not ended, over all connections; a few thousand each are free. */
  readonly unfinishedBytesMax: number
  /** A packet that has begun goes on at this rate at least … */
  readonly packetBytesPerSecondMin: number
  /** … looked at over this time; then its connection ends. */
  readonly packetStallMsMax: number
  /** Announced as Receive Maximum; memory stays bounded by pausing reads, because common clients ignore a smaller one. */
  readonly receiveMaximum: number
  /** Unacknowledged QoS 1 and 2 messages to one client, also when it claims to take more. */
  readonly inflightMax: number
  /** The same for a session that outlives its connection: what it has in flight is journaled once a second. */
  readonly durableInflightMax: number
  readonly topicAliasMaximum: number
  readonly topicBytesMax: number
  readonly topicLevelsMax: number
  readonly clientIdBytesMax: number
  readonly subscriptionsPerSessionMax: number
  /** Of all connected sessions together. */
  readonly subscriptionsMax: number
  /** A longer session expiry is shortened to this and the client is told. */
  readonly sessionExpirySecondsMax: number
  /** Expiry of a 3.1.1 session without Clean Session. */
  readonly legacySessionExpirySeconds: number
  /** 0: what the client asks for. Else the longest keep alive of a 5.0 client, which is told; others cannot be told. */
  readonly keepAliveSecondsMax: number
  /** Output past which those who publish to a connection are paused, and QoS 1 and 2 is left in the log. */
  readonly outputHighWaterBytes: number
  /** Output past which QoS 0 messages to a connection are dropped. */
  readonly outputBytesMax: number
  /** Output of all connections, past which those that gather more than 64 KiB count as full. */
  readonly outputBytesAllMax: number
  /** How long a full receiver may hold its publishers back before it is called slow and harms itself alone. */
  readonly slowReceiverMsMax: number
  readonly retainedMessagesMax: number
  readonly retainedBytesMax: number
  /** Topics whose receivers are remembered; past it the memory is cleared and filled anew. */
  readonly routesMax: number
  /** Shared subscriptions with a member, connected or waited for. */
  readonly sharedGroupsMax: number
  /** Unacknowledged QoS 1 messages of one shared subscription, at all its members: journaled once a second. */
  readonly sharedInflightMax: number
  /** Sessions and shared subscriptions that read their backlog from the log at one time. */
  readonly catchUpsMax: number
  /** Free space of the log's disk below which publishes that would be written are refused; 0: not looked at. */
  readonly diskFreeBytesMin: number
  /** What a session that was away may still get: QoS 1 and 2 messages, and their bytes; the oldest goes. 0: no bound. */
  readonly backlogMessagesMax: number
  readonly backlogBytesMax: number
  /** How much of the log sessions may keep from being deleted; 0: no bound. */
  readonly backlogLogBytesMax: number
  /** Rows changed since the last checkpoint that force the next one. */
  readonly dirtySessionsMax: number
}

/** Those that a listener may have of its own, for the clients that come in by it. */
export const listenerLimitNames = [
  'connectionsMax',
  'connectsPerSecondMax',
  'connectsPerSecondPerAddressMax',
  'messagesPerSecondMax',
  'bytesPerSecondMax',
  'rateExcessMsMax',
  'packetBytesMax',
  'payloadBytesMax',
  'topicAliasMaximum',
  'inflightMax',
  'topicBytesMax',
  'topicLevelsMax',
  'subscriptionsPerSessionMax',
  'sessionExpirySecondsMax',
] as const satisfies readonly (keyof Limits)[]
export type ListenerLimitName = (typeof listenerLimitNames)[number]

export const defaultLimits: Limits = {
  connectionsMax: 100_000,
  connectsPerSecondMax: 0,
  connectsPerSecondPerAddressMax: 0,
  bansMax: 100_000,
  flappingConnectsMax: 0,
  flappingWindowMs: 60_000,
  flappingBanMs: 300_000,
  sessionsMax: 1_000_000,
  messagesPerSecondMax: 0,
  bytesPerSecondMax: 0,
  rateExcessMsMax: 60_000,
  connectMsMax: 10_000,
  authenticationStepsMax: 8,
  closeMsMax: 5_000,
  closingMax: 4_096,
  authorizationMsMax: 5_000,
  packetBytesMax: 1_048_576,
  payloadBytesMax: 0,
  unfinishedBytesMax: 256 * 1_048_576,
  packetBytesPerSecondMin: 100,
  packetStallMsMax: 10_000,
  receiveMaximum: 65_535,
  inflightMax: 65_535,
  durableInflightMax: 2_048,
  topicAliasMaximum: 64,
  topicBytesMax: 4_096,
  topicLevelsMax: 64,
  clientIdBytesMax: 1_024,
  subscriptionsPerSessionMax: 10_000,
  subscriptionsMax: 2_000_000,
  sessionExpirySecondsMax: 7 * 86_400,
  legacySessionExpirySeconds: 7 * 86_400,
  keepAliveSecondsMax: 0,
  outputHighWaterBytes: 1_048_576,
  outputBytesMax: 16 * 1_048_576,
  outputBytesAllMax: 512 * 1_048_576,
  slowReceiverMsMax: 2_000,
  retainedMessagesMax: 1_000_000,
  retainedBytesMax: 512 * 1_048_576,
  routesMax: 100_000,
  sharedGroupsMax: 10_000,
  sharedInflightMax: 16_384,
  catchUpsMax: 64,
  backlogMessagesMax: 1_000_000,
  backlogBytesMax: 1_024 * 1_048_576,
  backlogLogBytesMax: 8 * 1_024 * 1_048_576,
  diskFreeBytesMin: 256 * 1_048_576,
  dirtySessionsMax: 10_000,
}
