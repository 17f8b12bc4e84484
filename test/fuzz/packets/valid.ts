/** Valid packets of a client, encoded by `mqtt-packet`: what the mutations start from. */
import type { Random } from '@hawser/std'
import mqtt, { type Packet } from 'mqtt-packet'
import { chance, clientId, filter, pick, small, topic } from './choose.ts'

export type Version = 4 | 5

const packetId = (random: Random): number => 1 + random.integer(40)
const payload = (random: Random): Buffer => Buffer.from(random.bytes(small(random, 300)))
const qos = (random: Random): 0 | 1 | 2 => random.integer(3) as 0 | 1 | 2

export const generate = (packet: object, version: Version): Buffer =>
  mqtt.generate(packet as Packet, { protocolVersion: version })

const userProperties = (random: Random) => ({ userProperties: { a: ['1', '2'], [topic(random)]: 'x' } })

export function connect(random: Random, version: Version): Buffer {
  const id = clientId(random)
  const clean = id === '' || chance(random, 2)
  const will = { topic: topic(random), payload: payload(random), qos: qos(random), retain: chance(random, 4) }
  const packet = {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: version,
    clientId: id,
    clean,
    keepalive: random.integer(60),
    ...(chance(random, 4) && { will: version === 5 ? { ...will, properties: { willDelayInterval: 1 } } : will }),
    ...(chance(random, 4) && { username: 'user', password: Buffer.from('password') }),
    ...(version === 5 && {
      properties: {
        ...(chance(random, 2) && { sessionExpiryInterval: random.integer(5) }),
        ...(chance(random, 3) && { receiveMaximum: 1 + random.integer(10) }),
        ...(chance(random, 4) && { maximumPacketSize: 20 + random.integer(500) }),
        ...(chance(random, 3) && { topicAliasMaximum: random.integer(20) }),
        ...(chance(random, 6) && userProperties(random)),
      },
    }),
  }
  return generate(packet, version)
}

export function publish(random: Random, version: Version): Buffer {
  const level = qos(random)
  const alias = version === 5 && chance(random, 5) ? { topicAlias: 1 + random.integer(70) } : {}
  return generate(
    {
      cmd: 'publish',
      topic: 'topicAlias' in alias && chance(random, 3) ? '' : topic(random),
      payload: payload(random),
      qos: level,
      retain: chance(random, 10),
      dup: level > 0 && chance(random, 10),
      ...(level > 0 && { messageId: packetId(random) }),
      ...(version === 5 && {
        properties: {
          ...alias,
          ...(chance(random, 8) && { messageExpiryInterval: random.integer(3) }),
          ...(chance(random, 10) && userProperties(random)),
          ...(chance(random, 10) && { responseTopic: 'r', correlationData: payload(random) }),
        },
      }),
    },
    version,
  )
}

function subscribe(random: Random, version: Version): Buffer {
  const subscriptions = Array.from({ length: 1 + small(random, 5) }, () => ({
    topic: filter(random),
    qos: qos(random),
    nl: chance(random, 5),
    rap: chance(random, 3),
    rh: random.integer(3),
  }))
  const properties = chance(random, 3) ? { subscriptionIdentifier: 1 + random.integer(1_000) } : {}
  return generate({ cmd: 'subscribe', messageId: packetId(random), subscriptions, properties }, version)
}

const unsubscribe = (random: Random, version: Version): Buffer =>
  generate({ cmd: 'unsubscribe', messageId: packetId(random), unsubscriptions: [filter(random)] }, version)

function acknowledgement(random: Random, version: Version): Buffer {
  const cmd = pick(random, ['puback', 'pubrec', 'pubrel', 'pubcomp'])
  return generate({ cmd, messageId: packetId(random), reasonCode: 0 }, version)
}

/** Any packet that a connected client may send. */
export function packet(random: Random, version: Version): Buffer {
  switch (random.integer(12)) {
    case 0:
    case 1:
      return subscribe(random, version)
    case 2:
      return unsubscribe(random, version)
    case 3:
    case 4:
    case 5:
      return acknowledgement(random, version)
    case 6:
      return generate({ cmd: 'pingreq' }, version)
    default:
      return publish(random, version)
  }
}
