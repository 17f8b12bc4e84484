/** One message by the format of -F, or as -v and the default print it. */
import type { SubscribeSettings } from '../settings.ts'
import { fromBytes } from './bytes.ts'
import { blankField, type FieldShape, hexField, integerField, payloadField, textField } from './field.ts'
import { readJson } from './json-read.ts'
import { type JsonMember, jsonNull, jsonNumber, jsonObject, jsonText, printJson } from './json-value.ts'
import {
  optionalBytes,
  optionalText,
  type ReceivedMessage,
  type ReceivedProperties,
  subscriptionIdentifier,
  userProperties,
} from './message.ts'
import { type Instant, isoTime, jsonTime, nanoseconds, strftime, unixTime } from './strftime.ts'
import { readTemplate, type TemplatePart } from './template.ts'

export interface PrintedMessage {
  /** One character a byte; empty where nothing is to be printed. */
  readonly output: string
  /** For stderr. */
  readonly complaints: readonly string[]
}

export type MessagePrinter = (message: ReceivedMessage, now: () => Instant) => PrintedMessage

export function messagePrinter(settings: SubscribeSettings): MessagePrinter {
  const lineEnd = settings.endOfLine ? '\n' : ''
  if (settings.format !== undefined) {
    const parts = readTemplate(settings.format)
    return (message, now) => {
      const complaints: string[] = []
      const context = { message, instant: once(now), pretty: settings.pretty, complaints }
      return { output: parts.map((part) => printPart(part, context)).join('') + lineEnd, complaints }
    }
  }
  const print = settings.verbose ? verboseLine : payloadLine
  return (message) => ({ output: print(message, lineEnd), complaints: [] })
}

const payloadLine = ({ payload }: ReceivedMessage, lineEnd: string): string =>
  payload.length === 0 ? '' : fromBytes(payload) + lineEnd

function verboseLine({ topic, payload }: ReceivedMessage, lineEnd: string): string {
  if (payload.length > 0) return `${topic} ${fromBytes(payload)}${lineEnd}`
  return lineEnd === '' ? '' : `${topic} (null)\n`
}

interface Context {
  readonly message: ReceivedMessage
  /** The same time in every field of a message. */
  readonly instant: () => Instant
  readonly pretty: boolean
  readonly complaints: string[]
}

function once(now: () => Instant): () => Instant {
  let instant: Instant | undefined
  return () => {
    instant ??= now()
    return instant
  }
}

function printPart(part: TemplatePart, context: Context): string {
  switch (part.kind) {
    case 'literal':
      return part.text
    case 'time':
      return part.conversion === 'N'
        ? nanoseconds(context.instant())
        : strftime(part.conversion, context.instant().date)
    case 'field':
      return fields[part.specifier]?.(context, part.shape) ?? ''
    default:
      throw part satisfies never
  }
}

type Field = (context: Context, shape: FieldShape) => string

const integer =
  (read: (properties: ReceivedProperties | undefined) => number | undefined): Field =>
  ({ message }, shape) => {
    const value = read(message.properties)
    return value === undefined ? blankField(shape) : integerField(value, shape)
  }

const formatIndicator = (properties: ReceivedProperties | undefined): number | undefined =>
  properties?.payloadFormatIndicator === undefined ? undefined : Number(properties.payloadFormatIndicator)

const fields: Readonly<Record<string, Field>> = {
  A: integer((properties) => properties?.topicAlias),
  C: ({ message }, shape) => textField(optionalText(message.properties?.contentType) ?? '', shape),
  D: ({ message }) => optionalBytes(message.properties?.correlationData) ?? '',
  E: integer((properties) => properties?.messageExpiryInterval),
  F: integer(formatIndicator),
  I: ({ instant }, shape) => textField(isoTime(instant()), shape),
  j: (context) => json(context, false),
  J: (context) => json(context, true),
  l: ({ message }, shape) => integerField(message.payload.length, shape),
  m: ({ message }, shape) => integerField(message.packetId, shape),
  P: ({ message }) => [...userProperties(message.properties)].map(([key, value]) => `${key}:${value}`).join(' '),
  p: ({ message }, shape) => payloadField(fromBytes(message.payload), shape),
  q: ({ message }) => String(message.qos),
  R: ({ message }, shape) => {
    const topic = optionalText(message.properties?.responseTopic)
    return topic === undefined ? '' : textField(topic, shape)
  },
  r: ({ message }) => (message.retain ? '1' : '0'),
  S: integer(subscriptionIdentifier),
  t: ({ message }, shape) => textField(message.topic, shape),
  U: ({ instant }) => unixTime(instant()),
  x: ({ message }, shape) => hexField(message.payload, false, shape),
  X: ({ message }, shape) => hexField(message.payload, true, shape),
}

function json({ message, instant, pretty, complaints }: Context, payloadIsJson: boolean): string {
  const payload = jsonPayload(message, payloadIsJson)
  if (payload === undefined) {
    complaints.push(`Error: Message payload is not valid JSON on topic ${Buffer.from(message.topic, 'latin1')}.`)
    return ''
  }
  const members: JsonMember[] = [
    ['tst', jsonText(jsonTime(instant()))],
    ['topic', jsonText(message.topic)],
    ['qos', jsonNumber(message.qos)],
    ['retain', jsonNumber(message.retain ? 1 : 0)],
    ['payloadlen', jsonNumber(message.payload.length)],
  ]
  if (message.qos > 0) members.push(['mid', jsonNumber(message.packetId)])
  if (message.properties !== undefined) members.push(['properties', jsonObject(jsonProperties(message.properties))])
  members.push(['payload', payload])
  return printJson(jsonObject(members), pretty)
}

function jsonPayload({ payload }: ReceivedMessage, payloadIsJson: boolean) {
  if (payload.length === 0) return jsonNull
  return payloadIsJson ? readJson(fromBytes(payload)) : jsonText(fromBytes(payload))
}

const propertyMembers: Readonly<Record<string, (properties: ReceivedProperties) => JsonMember | undefined>> = {
  payloadFormatIndicator: (properties) => ['payload-format-indicator', jsonNumber(formatIndicator(properties) ?? 0)],
  messageExpiryInterval: ({ messageExpiryInterval = 0 }) => [
    'message-expiry-interval',
    jsonNumber(messageExpiryInterval),
  ],
  contentType: ({ contentType }) => ['content-type', jsonText(optionalText(contentType) ?? '')],
  responseTopic: ({ responseTopic }) => ['response-topic', jsonText(optionalText(responseTopic) ?? '')],
  correlationData: ({ correlationData }) => ['correlation-data', jsonText(optionalBytes(correlationData) ?? '')],
  subscriptionIdentifier: (properties) => [
    'subscription-identifier',
    jsonNumber(subscriptionIdentifier(properties) ?? 0),
  ],
  topicAlias: ({ topicAlias = 0 }) => ['topic-alias', jsonNumber(topicAlias)],
  userProperties: (properties) => [
    'user-properties',
    jsonObject([...userProperties(properties)].map(([key, value]) => [key, jsonText(value)])),
  ],
}

/** In the order in which they came. */
const jsonProperties = (properties: ReceivedProperties): JsonMember[] =>
  Object.keys(properties).flatMap((key) => {
    const member = propertyMembers[key]?.(properties)
    return member === undefined ? [] : [member]
  })
