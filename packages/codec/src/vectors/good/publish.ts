import type { PublishPacket } from '../../packets.ts'
import type { GoodVector } from './good-vector.ts'

const text = (value: string): Buffer => Buffer.from(value)

export const publishVectors: readonly GoodVector[] = [
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
