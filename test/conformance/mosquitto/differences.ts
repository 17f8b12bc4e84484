/**
 * Cases that Debian's Mosquitto (2.0.11) fails, each with what it does instead. The text gives it no choice in any of
 * them, and later versions may have mended some.
 */
export interface Difference {
  /** The titles of the cases. */
  readonly cases: readonly string[]
  readonly difference: string
}

const endsV5 = (fault: string): string => `v5 [MQTT-4.13.1-1] ends the connection: ${fault}`
const endsV311 = (bytes: string): string => `v3.1.1 [MQTT-4.8.0-1] ends the connection: ${bytes}`

export const mosquittoDifferences: readonly Difference[] = [
  {
    cases: [
      'v3.1.1 [MQTT-2.2.2-1] v3.1.1 [MQTT-2.2.2-2] reserved flags with another value end the connection',
      'v5 [MQTT-2.1.3-1] reserved flags with another value are malformed',
      endsV5('PINGREQ with flags'),
      endsV5('PUBACK with flags'),
    ],
    difference: 'takes PUBACK, PINGREQ and others with reserved flags that are set',
  },
  {
    cases: [endsV311('c00100'), endsV5('PINGREQ with a body'), endsV311('4003000100')],
    difference: 'takes PINGREQ, and in 3.1.1 PUBACK, with bytes behind their end',
  },
  {
    cases: [
      endsV311('d0020001'),
      endsV311('b0020001'),
      endsV5('PINGRESP from a client'),
      endsV5('SUBACK from a client'),
      endsV5('UNSUBACK from a client'),
    ],
    difference: 'takes some packets that only a server sends',
  },
  {
    cases: [
      'v3.1.1 [MQTT-3.3.1-2] a QoS 0 PUBLISH has no DUP, and one that has ends the connection',
      'v5 [MQTT-3.3.1-2] a QoS 0 PUBLISH has no DUP, and one that has ends the connection',
    ],
    difference: 'takes a QoS 0 PUBLISH with DUP',
  },
  {
    cases: ['v5 [MQTT-1.5.5-1] a variable byte integer of more bytes than needed is malformed'],
    difference: 'takes a Remaining Length of more bytes than needed',
  },
  {
    cases: ['v5 [MQTT-3.1.2-24] no packet is larger than the client takes'],
    difference: 'leaves the first byte of a packet out when it compares its size with the Maximum Packet Size',
  },
  {
    cases: ['v5 [MQTT-3.1.2-24] no answer to CONNECT is larger than the client takes'],
    difference: 'sends a CONNACK that is larger than the Maximum Packet Size of the CONNECT',
  },
  {
    cases: ['v5 [MQTT-3.1.2-25] a message that is too large counts as delivered'],
    difference: 'a QoS 1 or 2 message that is too large for its client keeps its place in the window for ever',
  },
  {
    cases: [
      'v5 [MQTT-3.1.2-8] a will without delay is published at the end by DISCONNECT with another reason',
      'v5 [MQTT-3.14.2-1] DISCONNECT of a client with another code ends the connection and keeps the will',
      'v5 [MQTT-4.13.2-1] DISCONNECT of 0x80 or above from a client closes and publishes the will',
    ],
    difference: 'a DISCONNECT with any reason but 0x04 withdraws the will',
  },
  {
    cases: ['v5 [MQTT-3.1.2-8] a will without delay is published at the end by a protocol error'],
    difference: 'a second CONNECT ends the connection without its will',
  },
  {
    cases: ['v5 [MQTT-3.1.2-8] the end of the session by Clean Start publishes a will that waits'],
    difference: 'a Clean Start discards a will that waits for its delay',
  },
  {
    cases: ['v5 [MQTT-3.1.4-1] ends the connection: a CONNECT with authentication data without a method'],
    difference: 'takes authentication data without an authentication method',
  },
  {
    cases: ['v5 [MQTT-3.1.4-3] the older connection of a client identifier gets DISCONNECT 0x8E'],
    difference: 'closes the older connection without a word',
  },
  {
    cases: [
      'v5 [MQTT-3.3.2-14] a response topic with a wildcard ends the connection',
      endsV5('a response topic with a wildcard'),
    ],
    difference: 'takes a response topic with wildcards',
  },
  {
    cases: [
      'v5 [MQTT-3.3.4-6] a PUBLISH with a subscription identifier ends the connection',
      endsV5('a subscription identifier in a PUBLISH of a client'),
    ],
    difference: 'takes a subscription identifier in the PUBLISH of a client',
  },
  {
    cases: [endsV5('a payload format indicator of 2')],
    difference: 'takes a payload format indicator that is neither 0 nor 1',
  },
  {
    cases: [
      'v5 [MQTT-3.3.4-9] the server stays within the Receive Maximum of the client',
      'v5 [MQTT-4.9.0-1] v5 [MQTT-4.9.0-2] QoS 1: never more in flight than Receive Maximum',
      'v5 [MQTT-4.9.0-1] v5 [MQTT-4.9.0-2] QoS 2: PUBREC gives no room, PUBCOMP or a refusal does',
      'v5 [MQTT-4.9.0-2] a resumed session has no more in flight than the new Receive Maximum',
    ],
    difference: 'sends more QoS 1 and 2 than the Receive Maximum of the client has room for',
  },
  {
    cases: [
      'v5 [MQTT-3.4.2-1] PUBACK bears a reason code of its table',
      'v5 [MQTT-3.5.2-1] PUBREC of a client with another code ends the connection',
      'v5 [MQTT-3.6.2-1] PUBREL of a client with another code ends the connection',
      'v5 [MQTT-3.7.2-1] PUBCOMP of a client with another code ends the connection',
    ],
    difference: 'takes acknowledgements with reason codes that they do not have',
  },
  {
    cases: ['v5 [MQTT-3.8.3-4] No Local on a shared subscription ends the connection'],
    difference: 'takes No Local on a shared subscription',
  },
  {
    cases: [
      'v3.1.1 [MQTT-4.3.3-2] QoS 2 sent again before PUBREL is delivered once',
      'v5 [MQTT-4.3.3-10] QoS 2 sent again before PUBREL is delivered once',
    ],
    difference: 'closes the connection on a QoS 2 PUBLISH that is sent again before its PUBREL',
  },
  {
    cases: [
      'v5 [MQTT-4.8.2-1] a shared filter has a name of one character at least',
      'v5 [MQTT-4.8.2-2] the share name has no wildcard, and a filter follows',
    ],
    difference: 'takes shared filters with an empty name, or with wildcards in it',
  },
  {
    cases: [
      endsV5('a QoS of 3 in SUBSCRIBE'),
      endsV5('a Retain Handling of 3'),
      endsV5('a subscription identifier of 0'),
    ],
    difference: 'says 0x81 where the text says 0x82',
  },
  {
    cases: [endsV5('a packet type of 0'), endsV5('a topic alias of 0')],
    difference: 'says 0x82 of a packet type that there is not, and 0x81 of a topic alias of 0',
  },
  {
    cases: [
      'v3.1.1 [MQTT-6.0.0-1] a text frame ends the connection',
      'v5 [MQTT-6.0.0-1] a text frame ends the connection',
    ],
    difference: 'goes on after a text frame on a WebSocket',
  },
]
