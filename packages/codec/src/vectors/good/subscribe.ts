import type { QoS, Subscription } from '../../packets.ts'
import type { GoodVector } from './good-vector.ts'

export const subscribeVectors: readonly GoodVector[] = [
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

function subscription(filter: string, qos: QoS): Subscription {
  return { filter, qos, noLocal: false, retainAsPublished: false, retainHandling: 0 }
}
