/** MQTT 3.1, 3.1.1 and 5.0: bytes to packets and back. Pure and bounded; knows no socket and no session. */
export { Decoder, type DecoderOptions, type HeldBytes } from './decoder.ts'
export { encode } from './encode.ts'
export { type AcknowledgementType, acknowledgementBytes, writeAcknowledgement } from './packet/acknowledgement.ts'
export type {
  AcknowledgementPacket,
  AuthPacket,
  ConnackPacket,
  ConnectPacket,
  ControlPacket,
  DisconnectPacket,
  Packet,
  PacketType,
  PingreqPacket,
  PingrespPacket,
  Properties,
  ProtocolVersion,
  PublishPacket,
  QoS,
  RetainHandling,
  SubackPacket,
  SubscribePacket,
  Subscription,
  UnsubackPacket,
  UnsubscribePacket,
  Will,
} from './packets.ts'
export { decodeProperties } from './properties/decode.ts'
export { encodeProperties } from './properties/encode.ts'
export { stripPublishProperties } from './properties/strip.ts'
export {
  type PublishDelivery,
  type PublishSource,
  publishBytes,
  writeMessageExpiry,
  writePublish,
  writePublishHead,
  writePublishProperties,
  writeSubscriptionIdentifier,
} from './publish-writer.ts'
export {
  connectReturnCode,
  connectReturnCodeOf,
  type ReasonCodeName,
  reasonCode,
  reasonCodeName,
} from './reason-codes.ts'
export type { DecodeFault, PacketSink, PublishFrame } from './sink.ts'
export {
  checkTopicFilter,
  checkTopicName,
  filtersMeet,
  isSharedFilter,
  parseSharedFilter,
  type SharedFilter,
} from './topic.ts'
export { isText } from './utf8.ts'
export { variableIntegerBytes, writeVariableInteger } from './variable-integer.ts'
