/** `-D command identifier value` and `-D command user-property key value`. */
import { ArgumentRefusal } from '../refusal.ts'
import type { ConnectionSettings, Properties, PropertyCommand, PropertyValue } from '../settings.ts'
import { type Flag, leadingInteger } from './flag.ts'
import { addUserProperty, type UserProperties } from './user-properties.ts'

type Wire = 'flag' | 'byte' | 'int16' | 'int32' | 'varint' | 'text' | 'binary' | 'pair'

interface PropertySpec {
  readonly key: string
  readonly wire: Wire
  /** The packets that may bear it, by MQTT 5.0 table 2-4. */
  readonly on: readonly string[]
}

const message = ['publish', 'will']
const acknowledgements = ['puback', 'pubrec', 'pubrel', 'pubcomp']
const commands = ['connect', 'connack', 'publish', 'subscribe', 'unsubscribe', 'disconnect', 'auth', 'will']
const everywhere = [...commands, ...acknowledgements]

const propertySpecs: Readonly<Record<string, PropertySpec>> = {
  'payload-format-indicator': { key: 'payloadFormatIndicator', wire: 'flag', on: message },
  'message-expiry-interval': { key: 'messageExpiryInterval', wire: 'int32', on: message },
  'content-type': { key: 'contentType', wire: 'text', on: message },
  'response-topic': { key: 'responseTopic', wire: 'text', on: message },
  'correlation-data': { key: 'correlationData', wire: 'binary', on: message },
  'subscription-identifier': { key: 'subscriptionIdentifier', wire: 'varint', on: ['publish', 'subscribe'] },
  'session-expiry-interval': {
    key: 'sessionExpiryInterval',
    wire: 'int32',
    on: ['connect', 'connack', 'disconnect'],
  },
  'assigned-client-identifier': { key: 'assignedClientIdentifier', wire: 'text', on: ['connack'] },
  'server-keep-alive': { key: 'serverKeepAlive', wire: 'int16', on: ['connack'] },
  'authentication-method': { key: 'authenticationMethod', wire: 'text', on: ['connect', 'connack', 'auth'] },
  'authentication-data': { key: 'authenticationData', wire: 'binary', on: ['connect', 'connack', 'auth'] },
  'request-problem-information': { key: 'requestProblemInformation', wire: 'flag', on: ['connect'] },
  'will-delay-interval': { key: 'willDelayInterval', wire: 'int32', on: ['will'] },
  'request-response-information': { key: 'requestResponseInformation', wire: 'flag', on: ['connect'] },
  'response-information': { key: 'responseInformation', wire: 'text', on: ['connack'] },
  'server-reference': { key: 'serverReference', wire: 'text', on: ['connack', 'disconnect'] },
  'reason-string': {
    key: 'reasonString',
    wire: 'text',
    on: ['connack', 'disconnect', 'auth', 'will', ...acknowledgements],
  },
  'receive-maximum': { key: 'receiveMaximum', wire: 'int16', on: ['connect', 'connack'] },
  'topic-alias-maximum': { key: 'topicAliasMaximum', wire: 'int16', on: ['connect', 'connack'] },
  'topic-alias': { key: 'topicAlias', wire: 'int16', on: ['publish'] },
  'maximum-qos': { key: 'maximumQoS', wire: 'byte', on: ['connack'] },
  'retain-available': { key: 'retainAvailable', wire: 'byte', on: ['connack'] },
  'user-property': { key: 'userProperties', wire: 'pair', on: everywhere },
  'maximum-packet-size': { key: 'maximumPacketSize', wire: 'int32', on: ['connect', 'connack'] },
  'wildcard-subscription-available': { key: 'wildcardSubscriptionAvailable', wire: 'byte', on: ['connack'] },
  'subscription-identifier-available': { key: 'subscriptionIdentifiersAvailable', wire: 'byte', on: ['connack'] },
  'shared-subscription-available': { key: 'sharedSubscriptionAvailable', wire: 'byte', on: ['connack'] },
}

const largest: Readonly<Record<'flag' | 'byte' | 'int16' | 'int32' | 'varint', number>> = {
  flag: 0xff,
  byte: 0xff,
  int16: 0xff_ff,
  int32: 0xff_ff_ff_ff,
  varint: 0xff_ff_ff_ff,
}
const binaryBytesMax = 0xff_ff

const settable: readonly PropertyCommand[] = ['connect', 'publish', 'subscribe', 'unsubscribe', 'disconnect', 'will']
const isSettable = (command: string): command is PropertyCommand => settable.some((name) => name === command)

/** Stated by a client only of its own packets: mosquitto's flag takes no other, though the specification does. */
function isSupported(command: string, identifier: string): command is PropertyCommand {
  return isSettable(command) && !(command === 'publish' && identifier === 'subscription-identifier')
}

function setProperty(
  settings: ConnectionSettings,
  commandText = '',
  identifier = '',
  ...values: readonly string[]
): void {
  const command = commandText.toLowerCase()
  const { key, wire } = specOf(command, identifier)
  if (!isSupported(command, identifier)) {
    const what = `${identifier} property not supported for ${commandText}`
    throw new ArgumentRefusal(`Error: ${what} in --property argument.`)
  }
  settings.protocolVersion = 5
  const properties = settings.properties[command]
  const [first = '', second = ''] = values
  if (wire === 'pair') {
    properties[key] ??= {}
    addUserProperty(properties[key] as UserProperties, first, second)
    return
  }
  if (Object.hasOwn(properties, key)) settings.repeatedProperties.push(command)
  properties[key] = propertyValue(command, identifier, wire, first)
}

function specOf(command: string, identifier: string): PropertySpec {
  if (!everywhere.includes(command)) throw new ArgumentRefusal('Error: Invalid command given in --property argument.')
  const spec = propertySpecs[identifier]
  if (spec === undefined) throw new ArgumentRefusal('Error: Invalid property name given in --property argument.')
  if (!spec.on.includes(command))
    throw new ArgumentRefusal(`Error: ${identifier} property not allowed for ${command} in --property argument.`)
  return spec
}

function propertyValue(
  command: PropertyCommand,
  identifier: string,
  wire: Exclude<Wire, 'pair'>,
  text: string,
): PropertyValue {
  switch (wire) {
    case 'text':
      return text
    case 'binary':
      if (Buffer.byteLength(text) > binaryBytesMax)
        throw new ArgumentRefusal(`Error: Property value too long for property ${identifier}.`)
      return Buffer.from(text)
    case 'flag':
    case 'byte':
    case 'int16':
    case 'int32':
    case 'varint': {
      const value = leadingInteger(text)
      if (value < 0 || value > largest[wire])
        throw new ArgumentRefusal(`Error: Property value (${value}) out of range for property ${identifier}.`)
      if (wire !== 'flag') return value
      if (value > 1) throw new ArgumentRefusal(propertiesComplaint(command, protocolFault))
      return value === 1
    }
    default:
      throw wire satisfies never
  }
}

const protocolFault = 'A network protocol error occurred when communicating with the broker.'

export const propertiesComplaint = (command: PropertyCommand, fault: string): string =>
  `Error in ${command === 'will' ? 'Will' : command.toUpperCase()} properties: ${fault}`

const zeroIsNoValue = ['receiveMaximum', 'maximumPacketSize', 'topicAlias']

/** What is wrong with the properties of one packet taken together; undefined where nothing is. */
export function propertiesFault(settings: ConnectionSettings, command: PropertyCommand): string | undefined {
  const properties: Properties = settings.properties[command]
  if (zeroIsNoValue.some((key) => properties[key] === 0)) return protocolFault
  if (settings.repeatedProperties.includes(command)) return 'Duplicate property in property list'
  return undefined
}

const notEnough = 'Error: --property argument given but not enough arguments specified.'

export const propertyFlag: Flag<ConnectionSettings> = {
  short: '-D',
  long: '--property',
  value: 'COMMAND IDENTIFIER VALUE',
  takes(following) {
    if (following.length < 3) throw new ArgumentRefusal(notEnough)
    if (following[1] !== 'user-property') return 3
    if (following.length < 4) throw new ArgumentRefusal(notEnough)
    return 4
  },
  help: 'MQTT 5 property of connect, publish, subscribe, unsubscribe, disconnect or will; user-property takes a key and a value',
  set: setProperty,
}
