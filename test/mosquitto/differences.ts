/** Where ours answers otherwise than Debian's Mosquitto 2.0.11 on the same configuration, and why. */

export interface Difference {
  readonly mosquitto: string | readonly string[]
  readonly hawser: string | readonly string[]
  readonly reason: string
}

/** What stands in many of our answers and in none of Mosquitto's. */
export const everywhere = {
  text: ' maximumPacketSize=2000000',
  reason: '2.0 has no bound of packets where none is configured; ours is the one of 2.1, and clients are told',
}

const noMatchingSubscribers: Difference = {
  mosquitto: 'PUBACK 0x10',
  hawser: 'PUBACK 0x00',
  reason: 'ours says that the message is kept, not who will read it: connectors and sessions to come may',
}
const refusalsSayNoMore = 'what is offered is told to who gets in'

/** 2.0.11 puts the mount point before what its clients say and forgets to take it off; 2.0.12 mends it. */
const mountReason = '2.0.11 does not take the mount point off what it delivers; every later version and ours do'

const mountDifferences: Readonly<Record<string, Difference>> = {
  'inside hears it without the room': {
    mosquitto: ['site-7/a/b from inside qos=1'],
    hawser: ['a/b from inside qos=1'],
    reason: mountReason,
  },
  'inside hears what is in the room': {
    mosquitto: ['site-7/c from outside qos=1'],
    hawser: ['c from outside qos=1'],
    reason: mountReason,
  },
  'and gets what is retained': {
    mosquitto: ['site-7/a/b from inside qos=0 retained'],
    hawser: ['a/b from inside qos=0 retained'],
    reason: mountReason,
  },
}

/** By configuration, then by question. */
export const differences: Readonly<Record<string, Readonly<Record<string, Difference>>>> = {
  anonymous: mountDifferences,
  passwords: {
    'another user under the client id of a session': {
      mosquitto: 'CONNACK 0x00 session',
      hawser: 'CONNACK 0x05',
      reason: 'a session belongs to the identity that began it; nobody else gets its messages or ends it',
    },
  },
  certificates: { 'the rights are those of the certificate': noMatchingSubscribers },
  'per-listener': {
    'second door, no client id': {
      mosquitto: 'CONNACK 0x80',
      hawser: 'CONNACK 0x85',
      reason: '5.0 has a code for a client identifier that is not valid [MQTT-3.1.3-8]',
    },
  },
  rights: {
    'CONNECT with a will to what is denied': {
      mosquitto: 'CONNACK 0x00',
      hawser: 'CONNACK 0x05',
      reason: 'a client learns at once that its will would never be published',
    },
  },
  limits: {
    'no client id, 5.0': {
      mosquitto: 'CONNACK 0x80 maximumQoS=1',
      hawser: 'CONNACK 0x85',
      reason: '5.0 has a code for a client identifier that is not valid [MQTT-3.1.3-8]',
    },
    'a retained will': {
      mosquitto: 'CONNACK 0x9a maximumQoS=1',
      hawser: 'CONNACK 0x9a',
      reason: refusalsSayNoMore,
    },
    'a will at QoS 2': {
      mosquitto: 'CONNACK 0x9b maximumQoS=1',
      hawser: 'CONNACK 0x9b',
      reason: refusalsSayNoMore,
    },
    'a publish at QoS 1': noMatchingSubscribers,
  },
  connections: {
    'one connection too many': {
      mosquitto: 'closed',
      hawser: 'CONNACK 0x03',
      reason: 'the client is told that the server is unavailable, and not left to guess',
    },
  },
  'message-size': {
    'a payload that is too large': {
      mosquitto: 'unreadable',
      hawser: 'PUBACK 0x97',
      reason: 'Mosquitto answers 0x95, which PUBACK does not know (table 3-4 of 5.0)',
    },
  },
  persistence: {
    'one that is never to end': {
      mosquitto: 'CONNACK 0x00 topicAliasMaximum=10 receiveMaximum=20',
      hawser: 'CONNACK 0x00 topicAliasMaximum=10 receiveMaximum=20 sessionExpiryInterval=1209600',
      reason: 'a session that is shortened is told so (section 3.2.2.3.2)',
    },
  },
  memory: {
    'what was queued for it': {
      mosquitto: [...queued(0, 5), 'q end qos=1'],
      hawser: [...queued(0, 12), 'q end qos=1'],
      reason: 'a session that is away has no queue that could be full: it reads the log',
    },
  },
}

function queued(from: number, to: number): readonly string[] {
  return Array.from({ length: to - from }, (_, index) => `q ${from + index} qos=1`)
}
