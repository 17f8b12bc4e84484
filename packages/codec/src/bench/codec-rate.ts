/**
 * Nanoseconds a packet on the hot path: `node packages/codec/src/bench/codec-rate.ts`.
 * Each line is the best of several rounds over one full read buffer, so that a busy machine disturbs it least.
 */
import { systemClock } from '@hawser/std'
import {
  Decoder,
  encode,
  type PacketSink,
  type PublishDelivery,
  type PublishFrame,
  type PublishPacket,
  publishBytes,
  writeAcknowledgement,
  writePublish,
} from '../mod.ts'

const bufferBytes = 65_536
const rounds = 40
const runsPerRound = 20

const publish: PublishPacket = {
  type: 'publish',
  topic: 'factory/line1/machine07/temperature',
  payload: Buffer.alloc(64, 0x78),
  qos: 0,
  retain: false,
  duplicate: false,
  packetId: 0,
  properties: {},
}
const expiry = { messageExpiryInterval: 60 }
const rich = { messageExpiryInterval: 60, contentType: 'application/json', userProperties: [['unit', 'K']] as const }

class CountingSink implements PacketSink {
  bytes = 0
  publish(frame: PublishFrame): void {
    this.bytes += frame.payloadEnd - frame.start
  }
  acknowledgement(_type: string, packetId: number): void {
    this.bytes += packetId
  }
  control(): void {}
}

function report(name: string, packets: number, run: () => void): void {
  let bestMs = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const startMs = systemClock.monotonicMs()
    for (let index = 0; index < runsPerRound; index++) run()
    bestMs = Math.min(bestMs, (systemClock.monotonicMs() - startMs) / runsPerRound)
  }
  console.log(`${name.padEnd(44)} ${((bestMs * 1e6) / packets).toFixed(1).padStart(7)} ns a packet`)
}

function decodeRate(name: string, packet: Buffer, version: 4 | 5, topicCheck: 'decode' | 'caller'): void {
  const count = Math.floor(bufferBytes / packet.length)
  const buffer = Buffer.concat(Array.from({ length: count }, () => packet))
  const decoder = new Decoder({ packetBytesMax: 1 << 20, receives: 'from-client', version, topicCheck })
  const sink = new CountingSink()
  report(name, count, () => {
    if (decoder.feed(buffer, 0, buffer.length, sink) !== undefined) throw new Error('the benchmark feeds a bad packet')
  })
}

const encoded = (version: 4 | 5, change: Partial<PublishPacket>): Buffer => encode({ ...publish, ...change }, version)
decodeRate('decode QoS 0, 3.1.1, topic by caller', encoded(4, {}), 4, 'caller')
decodeRate('decode QoS 0, 3.1.1, topic checked', encoded(4, {}), 4, 'decode')
decodeRate('decode QoS 1, 3.1.1, topic by caller', encoded(4, { qos: 1, packetId: 7 }), 4, 'caller')
decodeRate('decode QoS 1, 5.0, no properties', encoded(5, { qos: 1, packetId: 7 }), 5, 'caller')
decodeRate('decode QoS 1, 5.0, expiry', encoded(5, { qos: 1, packetId: 7, properties: expiry }), 5, 'caller')
decodeRate('decode QoS 1, 5.0, three properties', encoded(5, { qos: 1, packetId: 7, properties: rich }), 5, 'caller')
decodeRate('decode QoS 1, 1 KiB', encoded(4, { qos: 1, packetId: 7, payload: Buffer.alloc(1024) }), 4, 'caller')
decodeRate('decode PUBACK', Buffer.of(0x40, 2, 0, 7), 4, 'caller')

const target = Buffer.alloc(bufferBytes)
const message = Buffer.from(publish.topic + Buffer.from(publish.payload).toString())
const source = {
  buffer: message,
  topicStart: 0,
  topicEnd: publish.topic.length,
  propertiesStart: publish.topic.length,
  propertiesEnd: publish.topic.length,
  payloadStart: publish.topic.length,
  payloadEnd: message.length,
}

function writeRate(name: string, change: Partial<PublishDelivery>): void {
  const delivery: PublishDelivery = {
    version: 4,
    qos: 1,
    retain: false,
    duplicate: false,
    packetId: 7,
    messageExpirySeconds: -1,
    subscriptionIdentifiers: [],
    topicAlias: 0,
    topicOmitted: false,
    ...change,
  }
  const count = Math.floor(bufferBytes / publishBytes(source, delivery))
  report(name, count, () => {
    let at = 0
    for (let index = 0; index < count; index++) at = writePublish(target, at, source, delivery)
  })
}

writeRate('write QoS 1, 3.1.1', {})
writeRate('write QoS 1, 5.0', { version: 5 })
writeRate('write QoS 1, 5.0, expiry and identifier', {
  version: 5,
  messageExpirySeconds: 60,
  subscriptionIdentifiers: [300],
})
report('write PUBACK', bufferBytes / 4, () => {
  let at = 0
  while (at < bufferBytes) at = writeAcknowledgement(target, at, 'puback', 7, 0, 5)
})
