/**
 * What each limit bounds, and what becomes of what is more: the one documented place. `docs/limits.md` and the
 * configuration's schema are made of it.
 */
import type { Limits } from './limits.ts'
import type { RefusalReason } from './refusals.ts'

export interface DescribedLimit {
  readonly bounds: string
  readonly excess: string
  /** Counters of the refusals that it may make. */
  readonly refusals?: readonly RefusalReason[]
}

export const describedLimits: Readonly<Record<keyof Limits, DescribedLimit>> = {
  connectionsMax: {
    bounds: 'connections at one time, in all or of a listener',
    excess: 'CONNECT is refused; far past it, and before a TLS handshake, the connection is closed without a word',
    refusals: ['connections-max', 'listener-connections-max'],
  },
  connectsPerSecondMax: {
    bounds: 'CONNECT packets a second, in all or of a listener; as many at once after a quiet second. 0: no bound',
    excess: 'CONNECT is refused before anybody is asked who it is',
    refusals: ['connect-rate', 'listener-connect-rate'],
  },
  connectsPerSecondPerAddressMax: {
    bounds: 'the same of one source address. 0: no bound',
    excess: 'CONNECT is refused',
    refusals: ['address-connect-rate'],
  },
  bansMax: { bounds: 'bans of client identifiers, user names and addresses', excess: 'no ban is added' },
  flappingConnectsMax: {
    bounds: 'how often one client identifier may connect within the window. 0: as often as it likes',
    excess: 'it is banned for a while',
    refusals: ['flapping', 'banned'],
  },
  flappingWindowMs: { bounds: 'the window in which its connects are counted', excess: 'they are counted anew' },
  flappingBanMs: { bounds: 'how long it is banned then', excess: 'it may come back' },
  sessionsMax: {
    bounds: 'sessions with and without connection',
    excess: 'CONNECT of a client without a session is refused',
    refusals: ['sessions-max'],
  },
  messagesPerSecondMax: {
    bounds:
      'packets but acknowledgements that one client sends a second, as many at once after a quiet second. 0: no bound',
    excess: 'it is not read until it may send more: nothing is lost',
    refusals: ['message-rate'],
  },
  bytesPerSecondMax: {
    bounds: 'bytes of PUBLISH that one client sends a second. 0: no bound',
    excess: 'it is not read until it may send more: nothing is lost',
    refusals: ['message-rate'],
  },
  rateExcessMsMax: {
    bounds: 'how long a client may be held back by its rates without a quiet second. 0: for ever',
    excess: 'its connection is closed',
    refusals: ['message-rate'],
  },
  connectMsMax: {
    bounds: 'from the first byte of a connection to its answered CONNECT; a re-authentication',
    excess: 'the connection is closed',
    refusals: ['connect-time'],
  },
  authenticationStepsMax: {
    bounds: 'packets that a client may send in one enhanced authentication',
    excess: 'it has failed',
  },
  closeMsMax: { bounds: 'how long the last bytes of a closed connection may take to go out', excess: 'they are lost' },
  closingMax: {
    bounds: 'closed connections whose peer has not closed yet',
    excess: 'the oldest is cut off',
  },
  authorizationMsMax: {
    bounds: 'how long whoever decides over rights may take',
    excess: 'the answer is no, and is asked for again the next time',
    refusals: ['publish-not-authorized', 'subscribe-not-authorized', 'receive-not-authorized', 'will-not-authorized'],
  },
  packetBytesMax: {
    bounds: 'size of a packet; announced to 5.0 as Maximum Packet Size',
    excess: 'the connection is closed',
    refusals: ['packet-bytes'],
  },
  payloadBytesMax: {
    bounds: 'size of the payload of a publish. 0: no bound of its own',
    excess: 'the publish is refused alone and dropped: `payload-too-large`',
    refusals: ['payload-bytes'],
  },
  unfinishedBytesMax: {
    bounds: 'bytes set aside for packets that have begun and not ended, of all clients; 4 KiB of each are free',
    excess: 'the connection whose packet has taken longest ends',
    refusals: ['unfinished-bytes'],
  },
  packetBytesPerSecondMin: {
    bounds: 'how slowly a packet that has begun may come',
    excess: 'its connection ends',
    refusals: ['packet-too-slow'],
  },
  packetStallMsMax: { bounds: 'the time over which that is looked at', excess: 'the next look' },
  receiveMaximum: {
    bounds: 'QoS 1 and 2 publishes of a client without a final answer; announced to 5.0, which is held to it',
    excess: 'the connection is closed',
    refusals: ['receive-maximum'],
  },
  inflightMax: {
    bounds: 'QoS 1 and 2 messages to one client without acknowledgement, also when it claims to take more',
    excess: 'the next one waits in the log',
  },
  durableInflightMax: {
    bounds: 'the same for a session that outlives its connection',
    excess: 'the next one waits in the log',
  },
  topicAliasMaximum: {
    bounds: 'topic aliases of a connection, in each direction',
    excess: 'the connection is closed',
    refusals: ['topic-alias-maximum'],
  },
  topicBytesMax: {
    bounds: 'length of a topic or filter',
    excess: 'a publish closes its connection, CONNECT with such a will and the one subscription are refused',
    refusals: ['topic-bytes', 'filter-bytes'],
  },
  topicLevelsMax: {
    bounds: 'levels of a topic or filter',
    excess: 'a publish closes its connection, CONNECT with such a will and the one subscription are refused',
    refusals: ['topic-levels', 'filter-levels'],
  },
  clientIdBytesMax: {
    bounds: 'length of a client identifier',
    excess: 'CONNECT is refused',
    refusals: ['client-id-bytes'],
  },
  subscriptionsPerSessionMax: {
    bounds: 'subscriptions of a session',
    excess: 'the one subscription is refused',
    refusals: ['session-subscriptions'],
  },
  subscriptionsMax: {
    bounds: 'subscriptions of all connected sessions together',
    excess: 'the one subscription is refused',
    refusals: ['subscriptions-max'],
  },
  sessionExpirySecondsMax: {
    bounds: 'how long a session may outlive its connection',
    excess: 'it is shortened, and 5.0 is told',
  },
  legacySessionExpirySeconds: {
    bounds: 'how long a 3.1.1 session without Clean Session outlives its connection',
    excess: 'the session ends',
  },
  keepAliveSecondsMax: {
    bounds: 'keep alive of a 5.0 client. 0: what the client asks for',
    excess: 'it is shortened, and the client is told',
  },
  outputHighWaterBytes: {
    bounds: 'output of one connection that its peer has not taken',
    excess: 'those who publish to it are not read; QoS 1 and 2 waits in the log',
  },
  outputBytesMax: {
    bounds: 'the same, for QoS 0',
    excess: 'QoS 0 to it is dropped: `slow-receiver`',
  },
  outputBytesAllMax: {
    bounds: 'output of all connections together, as memory that is held for it',
    excess: 'every connection with more than 64 KiB of it counts as full',
  },
  slowReceiverMsMax: {
    bounds: 'how long a full receiver may hold its publishers back',
    excess: 'QoS 0 to it is dropped: `slow-receiver`, and `slow-peer` where it is another process',
  },
  retainedMessagesMax: {
    bounds: 'retained messages',
    excess: 'QoS 1 and 2 of 5.0 are refused; others go on and are not retained. Dropped as `retained-limit`',
    refusals: ['retained-messages'],
  },
  retainedBytesMax: {
    bounds: 'bytes of retained messages: topic, properties, payload',
    excess: 'QoS 1 and 2 of 5.0 are refused; others go on and are not retained. Dropped as `retained-limit`',
    refusals: ['retained-bytes'],
  },
  routesMax: { bounds: 'topics whose receivers are remembered', excess: 'the memory is filled anew' },
  sharedGroupsMax: {
    bounds: 'shared subscriptions with a member, connected or waited for',
    excess: 'the one subscription is refused',
    refusals: ['shared-groups'],
  },
  sharedInflightMax: {
    bounds: 'QoS 1 messages of one shared subscription without acknowledgement, at all its members',
    excess: 'the next one waits in the log',
  },
  catchUpsMax: {
    bounds: 'sessions and shared subscriptions that read their backlog from the log at one time',
    excess: 'the next one waits',
  },
  backlogMessagesMax: {
    bounds: 'QoS 1 and 2 messages that a session which was away still gets. 0: no bound',
    excess: 'the oldest are passed over: `backlog-limit`',
  },
  backlogBytesMax: {
    bounds: 'their bytes, as they are in the log. 0: no bound',
    excess: 'the oldest are passed over: `backlog-limit`',
  },
  backlogLogBytesMax: {
    bounds: 'how much of the log sessions and shared subscriptions may keep from being deleted. 0: no bound',
    excess: 'retention goes on without them: `behind-log`',
  },
  diskFreeBytesMin: {
    bounds: 'free space on the disk of the log, from below. 0: it is not looked at',
    excess:
      'QoS 1, QoS 2 and retained publishes are refused and dropped: `log-refused`; `/ready` says no. Taken again at a tenth more',
    refusals: ['disk-low'],
  },
  dirtySessionsMax: { bounds: 'session rows changed since the last checkpoint', excess: 'the next one is written' },
}

/** Refusals that no number decides. */
export const otherRefusals = {
  banned: 'the client identifier, user name or address is banned; a connection that is there is closed with 0x98',
  'publish-by-hook': 'the embedding program refused the publish',
  'subscribe-by-hook': 'the embedding program refused the subscription',
  'session-of-another': 'the client id has a session of another identity',
  'session-claimed': 'the client has connected to another process meanwhile',
  'session-unreachable':
    'the process that may have the session does not answer in time, or what it left is not taken over yet: the client tries again',
  'publish-not-authorized': 'no right to publish there; always so for `$SYS/`',
  'subscribe-not-authorized': 'no right to subscribe to that',
  'receive-not-authorized': 'a topic within a subscription that the client may not read; once a topic',
  'will-not-authorized': 'no right to publish the will, at CONNECT or when it was due',
  'subscription-withdrawn': 'a subscription that its session may not have any more: it is over',
  'log-refused': 'the log takes nothing now: the disk is full or has failed',
} as const satisfies Partial<Record<RefusalReason, string>>
