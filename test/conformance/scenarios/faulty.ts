/** What a client must not send, and the codes that 5.0 has for it. */
import { mqtt, u8 } from '../peer/bytes.ts'
import { malformedPacket, protocolError } from './support.ts'

export interface Faulty {
  readonly what: string
  readonly packet: Buffer
  /** Reason codes that fit. */
  readonly codes: readonly number[]
}

const malformed = (what: string, packet: Buffer): Faulty => ({ what, packet, codes: [malformedPacket] })
const wrong = (what: string, packet: Buffer): Faulty => ({ what, packet, codes: [protocolError] })
/** The text calls it malformed in one place and a protocol error in another, or leaves it to the receiver. */
const either = (what: string, packet: Buffer): Faulty => ({ what, packet, codes: [malformedPacket, protocolError] })

export const faultyV5: readonly Faulty[] = [
  malformed('a packet type of 0', mqtt`00 00`),
  malformed('a PUBLISH with QoS 3', mqtt`36 __ "a" 0001 {} 00`),
  malformed('a Remaining Length of five bytes', mqtt`30 ff ff ff ff 01`),
  malformed('a PUBLISH that ends within its topic', mqtt`30 __ 0005 61`),
  malformed('properties that reach past the packet', mqtt`30 __ "a" 7f`),
  malformed('a topic that is no UTF-8', mqtt`30 __ 0002 c328 {}`),
  malformed('PINGREQ with flags', mqtt`c1 00`),
  either('PINGREQ with a body', mqtt`c0 01 00`),
  malformed('PUBACK with flags', mqtt`41 02 0001`),
  either('PUBACK without an identifier', mqtt`40 01 00`),
  either('a property that has no meaning', mqtt`30 __ "a" {7f 00} 00`),
  either('a property of another packet', mqtt`30 __ "a" {21 0001} 00`),
  either('SUBSCRIBE with identifier 0', mqtt`82 __ 0000 {} "a" 00`),
  either('PUBLISH at QoS 1 with identifier 0', mqtt`32 __ "a" 0000 {}`),
  wrong('a property twice that may stand once', mqtt`30 __ "a" {0100 0100} 00`),
  wrong('a payload format indicator of 2', mqtt`30 __ "a" {0102} 00`),
  wrong('a subscription identifier of 0', mqtt`82 __ 0001 {0b00} "a" 00`),
  wrong('two subscription identifiers in SUBSCRIBE', mqtt`82 __ 0001 {0b01 0b02} "a" 00`),
  wrong('a subscription identifier in a PUBLISH of a client', mqtt`30 __ "a" {0b01} 00`),
  wrong('a PUBLISH without topic and alias', mqtt`30 __ "" {} 00`),
  wrong('a topic alias that was not set', mqtt`30 __ "" {23 0001} 00`),
  { what: 'a topic alias of 0', packet: mqtt`30 __ "a" {23 0000} 00`, codes: [0x94, protocolError] },
  { what: 'a topic alias above the maximum', packet: mqtt`30 __ "a" {23 ffff} 00`, codes: [0x94] },
  {
    what: 'a topic name with a wildcard',
    packet: mqtt`30 __ "a/#" {} 00`,
    codes: [0x90, malformedPacket, protocolError],
  },
  {
    what: 'a response topic with a wildcard',
    packet: mqtt`30 __ "a" {08 "b/+"} 00`,
    codes: [0x90, malformedPacket, protocolError],
  },
  wrong('a QoS of 3 in SUBSCRIBE', mqtt`82 __ 0001 {} "a" 03`),
  wrong('a Retain Handling of 3', mqtt`82 __ 0001 {} "a" 30`),
  wrong('CONNACK from a client', mqtt`20 03 00 00 00`),
  wrong('SUBACK from a client', mqtt`90 __ 0001 {} 00`),
  wrong('UNSUBACK from a client', mqtt`b0 __ 0001 {} 00`),
  wrong('PINGRESP from a client', mqtt`d0 00`),
  wrong('AUTH without an authentication method in CONNECT', mqtt`f0 __ 18 {15 "SCRAM-SHA-256"}`),
  wrong('session expiry raised from 0 in DISCONNECT', mqtt`e0 __ 00 {11 0000003c}`),
  either('DISCONNECT with a reason that a client has not', mqtt`e0 __ 8e {}`),
]

export const faultyV311: readonly Buffer[] = [
  mqtt`00 00`,
  mqtt`f0 00`,
  mqtt`36 __ "a" 0001 00`,
  mqtt`30 ff ff ff ff 01`,
  mqtt`30 __ 0005 61`,
  mqtt`30 __ "" 00`,
  mqtt`30 __ "a/#" 00`,
  mqtt`32 __ "a" 0000`,
  mqtt`82 __ 0000 "a" 00`,
  mqtt`a2 __ 0000 "a"`,
  mqtt`82 __ 0001`,
  mqtt`c0 01 00`,
  mqtt`40 01 00`,
  mqtt`40 03 0001 00`,
  ...[2, 9, 11, 13].map((type) => mqtt`${u8(type << 4)} 02 0001`),
]
