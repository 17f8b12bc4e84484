import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  connectReturnCode,
  connectReturnCodeOf,
  encode,
  type PublishPacket,
  reasonCode,
  reasonCodeName,
} from './mod.ts'

const publish: PublishPacket = {
  type: 'publish',
  topic: 't',
  payload: Buffer.alloc(0),
  qos: 0,
  retain: false,
  duplicate: false,
  packetId: 0,
  properties: {},
}

describe('encode', () => {
  it('refuses what does not fit its field', () => {
    const long = 'x'.repeat(65_536)
    assert.throws(() => encode({ ...publish, topic: long }, 4), RangeError)
    assert.throws(() => encode({ ...publish, topic: 'a\0' }, 4), RangeError)
    assert.throws(() => encode({ ...publish, qos: 1, packetId: 65_536 }, 4), RangeError)
    assert.throws(() => encode({ ...publish, properties: { messageExpiryInterval: 2 ** 32 } }, 5), RangeError)
    assert.throws(() => encode({ ...publish, properties: { subscriptionIdentifiers: [2 ** 28] } }, 5), RangeError)
    assert.throws(() => encode({ ...publish, properties: { userProperties: [['k', long]] } }, 5), RangeError)
    assert.throws(() => encode({ ...publish, properties: { topicAlias: 1.5 } }, 5), RangeError)
    assert.throws(() => encode({ type: 'auth', reasonCode: 0x18, properties: {} }, 4), RangeError)
  })

  it('takes the longest text', () => {
    const topic = 'x'.repeat(65_535)
    assert.equal(encode({ ...publish, topic }, 4).length, 1 + 3 + 2 + topic.length)
  })

  it('makes lone surrogates well-formed', () => {
    assert.equal(encode({ ...publish, topic: '\ud800' }, 4).toString('hex'), '30050003efbfbd')
  })

  it('says before 5.0 only what can be said there', () => {
    const properties = { reasonString: 'no' }
    const hex = (packet: Parameters<typeof encode>[0]): string => encode(packet, 4).toString('hex')
    assert.equal(hex({ type: 'suback', packetId: 1, reasonCodes: [1, 0x8f, 0x97], properties }), '90050001018080')
    assert.equal(hex({ type: 'unsuback', packetId: 1, reasonCodes: [0x11], properties }), 'b0020001')
    assert.equal(hex({ type: 'disconnect', reasonCode: 0x8e, properties }), 'e000')
    assert.equal(hex({ type: 'pubrec', packetId: 1, reasonCode: 0x97, properties }), '50020001')
    const connack = { type: 'connack', sessionPresent: true, reasonCode: 0, properties } as const
    assert.equal(hex(connack), '20020100')
    // 3.1 leaves the byte unused.
    assert.equal(encode(connack, 3).toString('hex'), '20020000')
  })
})

describe('reason codes', () => {
  it('have a return code of 3.1.1', () => {
    const codes: readonly (number | undefined)[] = [...Object.values(connectReturnCode), undefined]
    for (const code of Object.values(reasonCode)) assert.ok(codes.includes(connectReturnCodeOf(code)), `${code}`)
    assert.equal(connectReturnCodeOf(reasonCode.success), 0)
    assert.equal(connectReturnCodeOf(reasonCode.unsupportedProtocolVersion), 1)
    assert.equal(connectReturnCodeOf(reasonCode.clientIdentifierNotValid), 2)
    assert.equal(connectReturnCodeOf(reasonCode.serverUnavailable), 3)
    assert.equal(connectReturnCodeOf(reasonCode.badUserNameOrPassword), 4)
    assert.equal(connectReturnCodeOf(reasonCode.notAuthorized), 5)
    assert.equal(connectReturnCodeOf(reasonCode.qosNotSupported), undefined, 'closed without one [MQTT-3.2.2-6]')
  })

  it('have names', () => {
    assert.equal(reasonCodeName(0x94), 'topicAliasInvalid')
    assert.equal(reasonCodeName(0x00), 'success')
    assert.equal(reasonCodeName(0x07), '0x07')
  })
})
