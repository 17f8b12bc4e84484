/** What each packet looks like on the wire, written by hand from the specifications' tables. */
import type { Packet, ProtocolVersion, PublishPacket, QoS, Subscription } from '../packets.ts'

export interface GoodVector {
  readonly name: string
  /** What the decoder knows beforehand; CONNECT tells it. */
  readonly version: ProtocolVersion
  readonly sender: 'client' | 'server'
  readonly wire: string
  readonly packet: Packet
  /** A legal form that we would not choose: decoded, never encoded. */
  readonly decodeOnly?: true
}

const text = (value: string): Buffer => Buffer.from(value)

const connects: readonly GoodVector[] = [
  {
    name: 'CONNECT of 3.1',
    version: 3,
    sender: 'client',
    wire: '10 __ "MQIsdp" 03 02 003c "dev"',
    packet: { type: 'connect', version: 3, clientId: 'dev', cleanStart: true, keepAliveSeconds: 60, properties: {} },
  },
  {
    name: 'CONNECT of 3.1 whose flags promise a user name and a password that do not come',
    version: 3,
    sender: 'client',
    wire: '10 __ "MQIsdp" 03 c0 003c "dev"',
    packet: { type: 'connect', version: 3, clientId: 'dev', cleanStart: false, keepAliveSeconds: 60, properties: {} },
    decodeOnly: true,
  },
  {
    name: 'CONNECT of 3.1 with the unused flag set',
    version: 3,
    sender: 'client',
    wire: '10 __ "MQIsdp" 03 03 0000 "d"',
    packet: { type: 'connect', version: 3, clientId: 'd', cleanStart: true, keepAliveSeconds: 0, properties: {} },
    decodeOnly: true,
  },
  {
    name: 'CONNECT of 3.1.1 without a client identifier',
    version: 4,
    sender: 'client',
    wire: '10 __ "MQTT" 04 02 ffff ""',
    packet: { type: 'connect', version: 4, clientId: '', cleanStart: true, keepAliveSeconds: 65535, properties: {} },
  },
  {
    name: 'CONNECT of 3.1.1 with a Remaining Length longer than needed',
    version: 4,
    sender: 'client',
    wire: '10 8d8000 "MQTT" 04 02 0000 "d"',
    packet: { type: 'connect', version: 4, clientId: 'd', cleanStart: true, keepAliveSeconds: 0, properties: {} },
    decodeOnly: true,
  },
  {
    name: 'CONNECT of 3.1.1 with everything',
    version: 4,
    sender: 'client',
    wire: '10 __ "MQTT" 04 ec 000a "dev" "gone/dev" 0002 00ff "me" 0003 73e9 00',
    packet: {
      type: 'connect',
      version: 4,
      clientId: 'dev',
      cleanStart: false,
      keepAliveSeconds: 10,
      will: { topic: 'gone/dev', payload: Buffer.of(0, 0xff), qos: 1, retain: true, properties: {} },
      username: 'me',
      password: Buffer.of(0x73, 0xe9, 0),
      properties: {},
    },
  },
  {
    name: 'CONNECT of 5.0, the least',
    version: 5,
    sender: 'client',
    wire: '10 __ "MQTT" 05 00 0000 {} ""',
    packet: { type: 'connect', version: 5, clientId: '', cleanStart: false, keepAliveSeconds: 0, properties: {} },
  },
  {
    name: 'CONNECT of 5.0 with a password alone',
    version: 5,
    sender: 'client',
    wire: '10 __ "MQTT" 05 42 0000 {} "d" 0001 21',
    packet: {
      type: 'connect',
      version: 5,
      clientId: 'd',
      cleanStart: true,
      keepAliveSeconds: 0,
      password: Buffer.of(0x21),
      properties: {},
    },
  },
  {
    name: 'CONNECT of 5.0 with everything',
    version: 5,
    sender: 'client',
    wire: '10 __ "MQTT" 05 d6 003c {11 0000000a 15 "SCRAM" 16 0002 0102 17 00 19 01 21 0014 22 000a 26 "k" "v" 26 "k" "w" 27 00010000} "dev" {01 01 02 0000003c 03 "text/plain" 08 "reply" 09 0003 010203 18 0000001e 26 "a" "b"} "will" 0003 627965 "me" 0002 7077',
    packet: {
      type: 'connect',
      version: 5,
      clientId: 'dev',
      cleanStart: true,
      keepAliveSeconds: 60,
      will: {
        topic: 'will',
        payload: text('bye'),
        qos: 2,
        retain: false,
        properties: {
          payloadFormatIndicator: 1,
          messageExpiryInterval: 60,
          contentType: 'text/plain',
          responseTopic: 'reply',
          correlationData: Buffer.of(1, 2, 3),
          willDelayInterval: 30,
          userProperties: [['a', 'b']],
        },
      },
      username: 'me',
      password: text('pw'),
      properties: {
        sessionExpiryInterval: 10,
        authenticationMethod: 'SCRAM',
        authenticationData: Buffer.of(1, 2),
        requestProblemInformation: false,
        requestResponseInformation: true,
        receiveMaximum: 20,
        topicAliasMaximum: 10,
        userProperties: [
          ['k', 'v'],
          ['k', 'w'],
        ],
        maximumPacketSize: 65536,
      },
    },
  },
]

const connacks: readonly GoodVector[] = [
  {
    name: 'CONNACK of 3.1.1, session present',
    version: 4,
    sender: 'server',
    wire: '20 02 01 00',
    packet: { type: 'connack', sessionPresent: true, reasonCode: 0, properties: {} },
  },
  {
    name: 'CONNACK of 3.1.1, not authorized',
    version: 4,
    sender: 'server',
    wire: '20 02 00 05',
    packet: { type: 'connack', sessionPresent: false, reasonCode: 5, properties: {} },
  },
  {
    name: 'CONNACK of 5.0, the least',
    version: 5,
    sender: 'server',
    wire: '20 __ 00 00 {}',
    packet: { type: 'connack', sessionPresent: false, reasonCode: 0, properties: {} },
  },
  {
    name: 'CONNACK of 5.0 with everything',
    version: 5,
    sender: 'server',
    wire: '20 __ 00 9c {11 ffffffff 12 "made-up" 13 001e 15 "SCRAM" 16 0001 ff 1a "answers/" 1c "other:1883" 1f "full" 21 ffff 22 0000 24 01 25 00 26 "k" "" 27 0fffffff 28 01 29 00 2a 01}',
    packet: {
      type: 'connack',
      sessionPresent: false,
      reasonCode: 0x9c,
      properties: {
        sessionExpiryInterval: 0xffffffff,
        assignedClientIdentifier: 'made-up',
        serverKeepAlive: 30,
        authenticationMethod: 'SCRAM',
        authenticationData: Buffer.of(0xff),
        responseInformation: 'answers/',
        serverReference: 'other:1883',
        reasonString: 'full',
        receiveMaximum: 65535,
        topicAliasMaximum: 0,
        maximumQoS: 1,
        retainAvailable: false,
        userProperties: [['k', '']],
        maximumPacketSize: 0x0fffffff,
        wildcardSubscriptionAvailable: true,
        subscriptionIdentifiersAvailable: false,
        sharedSubscriptionAvailable: true,
      },
    },
  },
]

const publishes: readonly GoodVector[] = [
  {
    name: 'PUBLISH of 3.1.1, QoS 0, without payload',
    version: 4,
    sender: 'client',
    wire: '30 __ "a"',
    packet: publish({ topic: 'a' }),
  },
  {
    name: 'PUBLISH of 3.1.1, QoS 1, retained, again',
    version: 4,
    sender: 'client',
    wire: '3b __ "a/b" 000a 6869',
    packet: publish({ topic: 'a/b', qos: 1, retain: true, duplicate: true, packetId: 10, payload: text('hi') }),
  },
  {
    name: 'PUBLISH of 3.1.1, QoS 2',
    version: 4,
    sender: 'server',
    wire: '34 __ "/" ffff 00',
    packet: publish({ topic: '/', qos: 2, packetId: 65535, payload: Buffer.of(0) }),
  },
  {
    name: 'PUBLISH with code points of two, three and four bytes and a byte order mark that stays',
    version: 4,
    sender: 'client',
    wire: '30 __ 0010 c3a9 e282ac ed9fbf efbbbf f48fbfbf 7f',
    packet: publish({ topic: 'é€\ud7ff\ufeff\u{10ffff}\u007f' }),
  },
  {
    name: 'PUBLISH with control and non-characters, which the specifications only advise against',
    version: 5,
    sender: 'client',
    wire: '30 __ 0005 01 1f efbfbe {}',
    packet: publish({ topic: '\u0001\u001f\ufffe' }),
  },
  {
    name: 'PUBLISH with a Remaining Length of two bytes',
    version: 4,
    sender: 'client',
    wire: `30 8301 "a" ${'2a'.repeat(128)}`,
    packet: publish({ topic: 'a', payload: Buffer.alloc(128, 0x2a) }),
  },
  {
    name: 'PUBLISH of 5.0 from a client with every property',
    version: 5,
    sender: 'client',
    wire: '32 __ "a" 0001 {01 00 02 00000000 03 "" 08 "r" 09 0000 23 ffff 26 "b" "2" 26 "a" "1" 26 "b" "2"} 00',
    packet: publish({
      topic: 'a',
      qos: 1,
      packetId: 1,
      payload: Buffer.of(0),
      properties: {
        payloadFormatIndicator: 0,
        messageExpiryInterval: 0,
        contentType: '',
        responseTopic: 'r',
        correlationData: Buffer.alloc(0),
        topicAlias: 65535,
        userProperties: [
          ['b', '2'],
          ['a', '1'],
          ['b', '2'],
        ],
      },
    }),
  },
  {
    name: 'PUBLISH of 5.0 with properties in an order of its own',
    version: 5,
    sender: 'client',
    wire: '30 __ "a" {23 0001 26 "k" "v" 02 fffffffe 01 01}',
    packet: publish({
      topic: 'a',
      properties: {
        topicAlias: 1,
        userProperties: [['k', 'v']],
        messageExpiryInterval: 0xfffffffe,
        payloadFormatIndicator: 1,
      },
    }),
    decodeOnly: true,
  },
  {
    name: 'PUBLISH of 5.0 by alias alone',
    version: 5,
    sender: 'client',
    wire: '30 __ "" {23 0007} 21',
    packet: publish({ topic: '', payload: text('!'), properties: { topicAlias: 7 } }),
  },
  {
    name: 'PUBLISH of 5.0 from a server with several subscription identifiers',
    version: 5,
    sender: 'server',
    wire: '30 __ "a" {0b 01 0b 8001 0b ffffff7f} 21',
    packet: publish({
      topic: 'a',
      payload: text('!'),
      properties: { subscriptionIdentifiers: [1, 128, 268_435_455] },
    }),
  },
]

const acknowledgements: readonly GoodVector[] = [
  ...(['40 02', '50 02', '62 02', '70 02'] as const).flatMap((head, index) =>
    ([3, 4, 5] as const).map((version): GoodVector => {
      const type = (['puback', 'pubrec', 'pubrel', 'pubcomp'] as const)[index] ?? 'puback'
      return {
        name: `${type.toUpperCase()} of level ${version}`,
        version,
        sender: 'client',
        wire: `${head} 1234`,
        packet: { type, packetId: 0x1234, reasonCode: 0, properties: {} },
      }
    }),
  ),
  {
    name: 'PUBREL of 3.1, marked as sent again',
    version: 3,
    sender: 'client',
    wire: '6a 02 0001',
    packet: { type: 'pubrel', packetId: 1, reasonCode: 0, properties: {} },
    decodeOnly: true,
  },
  {
    name: 'PUBACK of 5.0 with a reason code',
    version: 5,
    sender: 'server',
    wire: '40 03 0001 10',
    packet: { type: 'puback', packetId: 1, reasonCode: 0x10, properties: {} },
  },
  {
    name: 'PUBREC of 5.0 with an empty property length',
    version: 5,
    sender: 'server',
    wire: '50 04 0001 97 00',
    packet: { type: 'pubrec', packetId: 1, reasonCode: 0x97, properties: {} },
    decodeOnly: true,
  },
  {
    name: 'PUBREL of 5.0 with properties',
    version: 5,
    sender: 'client',
    wire: '62 __ 0001 92 {1f "who" 26 "k" "v"}',
    packet: {
      type: 'pubrel',
      packetId: 1,
      reasonCode: 0x92,
      properties: { reasonString: 'who', userProperties: [['k', 'v']] },
    },
  },
  {
    name: 'PUBCOMP of 5.0, success with properties',
    version: 5,
    sender: 'client',
    wire: '70 __ 0001 00 {26 "k" "v"}',
    packet: { type: 'pubcomp', packetId: 1, reasonCode: 0, properties: { userProperties: [['k', 'v']] } },
  },
]

const subscribes: readonly GoodVector[] = [
  {
    name: 'SUBSCRIBE of 3.1.1',
    version: 4,
    sender: 'client',
    wire: '82 __ 000a "a/b" 01 "#" 02 "+/c/+" 00',
    packet: {
      type: 'subscribe',
      packetId: 10,
      subscriptions: [subscription('a/b', 1), subscription('#', 2), subscription('+/c/+', 0)],
      properties: {},
    },
  },
  {
    name: 'SUBSCRIBE of 3.1, marked as sent again',
    version: 3,
    sender: 'client',
    wire: '8a __ 000a "a" 01',
    packet: { type: 'subscribe', packetId: 10, subscriptions: [subscription('a', 1)], properties: {} },
    decodeOnly: true,
  },
  {
    name: 'SUBSCRIBE of 5.0 with every option and property',
    version: 5,
    sender: 'client',
    wire: '82 __ 0001 {0b 8002 26 "k" "v"} "a" 2e "$share/g/b/#" 19 "c/+" 00',
    packet: {
      type: 'subscribe',
      packetId: 1,
      subscriptions: [
        { filter: 'a', qos: 2, noLocal: true, retainAsPublished: true, retainHandling: 2 },
        { filter: '$share/g/b/#', qos: 1, noLocal: false, retainAsPublished: true, retainHandling: 1 },
        subscription('c/+', 0),
      ],
      properties: { subscriptionIdentifiers: [256], userProperties: [['k', 'v']] },
    },
  },
  {
    name: 'SUBACK of 3.1.1',
    version: 4,
    sender: 'server',
    wire: '90 06 000a 00 01 02 80',
    packet: { type: 'suback', packetId: 10, reasonCodes: [0, 1, 2, 0x80], properties: {} },
  },
  {
    name: 'SUBACK of 5.0',
    version: 5,
    sender: 'server',
    wire: '90 __ 000a {1f "no" 26 "k" "v"} 02 8f a2',
    packet: {
      type: 'suback',
      packetId: 10,
      reasonCodes: [2, 0x8f, 0xa2],
      properties: { reasonString: 'no', userProperties: [['k', 'v']] },
    },
  },
  {
    name: 'UNSUBSCRIBE of 3.1.1',
    version: 4,
    sender: 'client',
    wire: 'a2 __ 0005 "a" "b/#"',
    packet: { type: 'unsubscribe', packetId: 5, filters: ['a', 'b/#'], properties: {} },
  },
  {
    name: 'UNSUBSCRIBE of 5.0',
    version: 5,
    sender: 'client',
    wire: 'a2 __ 0005 {26 "k" "v"} "a"',
    packet: { type: 'unsubscribe', packetId: 5, filters: ['a'], properties: { userProperties: [['k', 'v']] } },
  },
  {
    name: 'UNSUBACK of 3.1.1',
    version: 4,
    sender: 'server',
    wire: 'b0 02 0005',
    packet: { type: 'unsuback', packetId: 5, reasonCodes: [], properties: {} },
  },
  {
    name: 'UNSUBACK of 5.0',
    version: 5,
    sender: 'server',
    wire: 'b0 __ 0005 {1f "hm"} 00 11',
    packet: { type: 'unsuback', packetId: 5, reasonCodes: [0, 0x11], properties: { reasonString: 'hm' } },
  },
]

const rest: readonly GoodVector[] = [
  { name: 'PINGREQ', version: 4, sender: 'client', wire: 'c0 00', packet: { type: 'pingreq' } },
  { name: 'PINGRESP', version: 5, sender: 'server', wire: 'd0 00', packet: { type: 'pingresp' } },
  {
    name: 'DISCONNECT of 3.1.1',
    version: 4,
    sender: 'client',
    wire: 'e0 00',
    packet: { type: 'disconnect', reasonCode: 0, properties: {} },
  },
  {
    name: 'DISCONNECT of 5.0, empty',
    version: 5,
    sender: 'client',
    wire: 'e0 00',
    packet: { type: 'disconnect', reasonCode: 0, properties: {} },
  },
  {
    name: 'DISCONNECT of 5.0 with a reason code alone',
    version: 5,
    sender: 'client',
    wire: 'e0 01 04',
    packet: { type: 'disconnect', reasonCode: 4, properties: {} },
  },
  {
    name: 'DISCONNECT of 5.0 from a client with properties',
    version: 5,
    sender: 'client',
    wire: 'e0 __ 00 {11 00000005 1f "bye" 26 "k" "v"}',
    packet: {
      type: 'disconnect',
      reasonCode: 0,
      properties: { sessionExpiryInterval: 5, reasonString: 'bye', userProperties: [['k', 'v']] },
    },
  },
  {
    name: 'DISCONNECT of 5.0 from a server with properties',
    version: 5,
    sender: 'server',
    wire: 'e0 __ 9d {1c "there" 1f "moved"}',
    packet: { type: 'disconnect', reasonCode: 0x9d, properties: { serverReference: 'there', reasonString: 'moved' } },
  },
  {
    name: 'AUTH from a client',
    version: 5,
    sender: 'client',
    wire: 'f0 __ 19 {15 "SCRAM" 16 0001 07 1f "again" 26 "k" "v"}',
    packet: {
      type: 'auth',
      reasonCode: 0x19,
      properties: {
        authenticationMethod: 'SCRAM',
        authenticationData: Buffer.of(7),
        reasonString: 'again',
        userProperties: [['k', 'v']],
      },
    },
  },
  {
    name: 'AUTH from a server, empty',
    version: 5,
    sender: 'server',
    wire: 'f0 00',
    packet: { type: 'auth', reasonCode: 0, properties: {} },
  },
  {
    name: 'AUTH from a server',
    version: 5,
    sender: 'server',
    wire: 'f0 __ 00 {15 "SCRAM"}',
    packet: { type: 'auth', reasonCode: 0, properties: { authenticationMethod: 'SCRAM' } },
  },
]

export const goodVectors: readonly GoodVector[] = [
  ...connects,
  ...connacks,
  ...publishes,
  ...acknowledgements,
  ...subscribes,
  ...rest,
]

function publish(change: Partial<PublishPacket>): PublishPacket {
  return {
    type: 'publish',
    topic: '',
    payload: Buffer.alloc(0),
    qos: 0,
    retain: false,
    duplicate: false,
    packetId: 0,
    properties: {},
    ...change,
  }
}

function subscription(filter: string, qos: QoS): Subscription {
  return { filter, qos, noLocal: false, retainAsPublished: false, retainHandling: 0 }
}
