/** Where the text leaves a choice (SHOULD, MAY, "server's option"), what Hawser does and why. */
import type { Version } from './statement.ts'

export interface Choice {
  readonly version: Version | 'both'
  /** The section, or the statement where one leaves the choice: `3.1.2.5`, `MQTT-3.3.5-2`. */
  readonly where: string
  readonly choice: string
  readonly reason: string
}

export const choices: readonly Choice[] = [
  {
    version: 'both',
    where: 'MQTT-3.1.2-1',
    choice: 'another protocol name is answered as an unknown level is, and the connection closed',
    reason: 'a client of another protocol learns why; none of it is processed',
  },
  {
    version: 'both',
    where: 'MQTT-3.1.2-2',
    choice:
      'levels 3, 4 and 5 are served unless `mqtt.accept_versions` says otherwise; a level of 5 and above is refused in the form of 5.0 (0x84), a lower one in that of 3.1.1 (1); the bit that bridges of Mosquitto set does not count',
    reason: 'each gets the form that it is likeliest to read; such a bridge then comes again without its bit',
  },
  {
    version: 'v3.1.1',
    where: '3.1.3.1',
    choice: '3.1 has no limit of 23 characters here, and no empty identifier',
    reason: 'its clients have gone past 23 ever since, and Mosquitto lets them',
  },
  {
    version: 'both',
    where: 'MQTT-3.1.3-5',
    choice: 'an identifier may be any text of up to `limits.client_id_bytes_max` bytes',
    reason: 'MAY; a bound is needed, characters need none',
  },
  {
    version: 'v5',
    where: 'MQTT-3.1.3-6',
    choice:
      'a client without an identifier is given one, `mqtt.assigned_client_id_prefix` and 96 random bits, unless `mqtt.empty_client_id_allowed` is off: 0x85',
    reason: 'MAY; it cannot be guessed, so nobody else takes it',
  },
  {
    version: 'v3.1.1',
    where: 'MQTT-3.1.3-6',
    choice: 'as in 5.0; the client is not told, and with Clean Session needs not be',
    reason: 'MAY',
  },
  {
    version: 'v5',
    where: 'MQTT-3.1.4-1',
    choice: 'a malformed CONNECT gets CONNACK 0x81, 0x82 or what is more exact before the end',
    reason: 'MAY; a better answer than silence',
  },
  {
    version: 'v5',
    where: '3.1.2.11.2',
    choice: 'an expiry above `limits.session_expiry_seconds_max` is shortened, and CONNACK says so',
    reason: 'sessions must not pile up for ever',
  },
  {
    version: 'v3.1.1',
    where: '3.1.2.4',
    choice: 'a session without Clean Session ends `limits.legacy_session_expiry_seconds` after its connection',
    reason: 'the text allows an administrator to end it; sessions must not pile up for ever',
  },
  {
    version: 'v5',
    where: '3.1.2.11.7',
    choice:
      'with problem information a refused PUBACK, PUBREC and SUBACK bear a reason string; no packet bears user properties of the broker’s own',
    reason: 'the reason string is for the log of the client; nothing is said that its code does not say already',
  },
  {
    version: 'v5',
    where: '3.1.2.11.6',
    choice:
      'response information is `mqtt.response_topic_prefix` and the client identifier, for an identifier without + # and /',
    reason: 'MAY; another identifier would make a filter or another client’s topic of it',
  },
  {
    version: 'both',
    where: '3.1.2.10',
    choice:
      'a connection is judged once a second and never before 1.5 times; only whole packets count; one that is not read from because of back-pressure is not judged, and begins anew when it is',
    reason: 'the peer of a full receiver is not blamed for what the broker holds back',
  },
  {
    version: 'v3.1.1',
    where: '3.1.2.10',
    choice: '`limits.keep_alive_seconds_max` does not bind clients before 5.0',
    reason: 'they cannot be told of a server keep alive',
  },
  {
    version: 'v5',
    where: '3.2.2.3.4',
    choice: 'a publish above the Maximum QoS ends the connection: 0x9B; a subscription above it is granted it',
    reason: 'the text calls the first a protocol error, and allows the second',
  },
  {
    version: 'v3.1.1',
    where: '3.3.1.2',
    choice:
      'a publish above `mqtt.qos_max`, or retained where that is off, ends the connection; a will so gets no CONNACK',
    reason: '3.1.1 has no word for it, and an acknowledgement would be a lie; Mosquitto does the same',
  },
  {
    version: 'v5',
    where: '3.2.2.3.11',
    choice: 'a filter that asks for what is not offered ends the connection: 0xA2, 0xA1, 0x9E',
    reason: 'the text calls it a protocol error',
  },
  {
    version: 'v3.1.1',
    where: '3.9.3',
    choice:
      'a filter that asks for what is not offered is refused alone: 0x80; 3.1 gets the grant that it asked for, and nothing by it',
    reason: '3.1.1 has a word for a filter; 3.1 asks for a positive acknowledgement',
  },
  {
    version: 'v3.1.1',
    where: 'MQTT-3.2.2-6',
    choice: 'a code of 5.0 without its like gets no CONNACK: malformed, topic, size, payload, retain and QoS',
    reason: 'as the statement says; all that may pass with time is 3',
  },
  {
    version: 'v5',
    where: '3.3.2.3.2',
    choice:
      'a payload is checked only with `mqtt.check_payload_format`: PUBACK and PUBREC 0x99, at QoS 0 DISCONNECT 0x99, for a will CONNACK 0x99',
    reason: 'MAY; it costs each such message a look at its payload',
  },
  {
    version: 'both',
    where: '3.3.1.3',
    choice: 'a retained message of QoS 0 is kept until the next',
    reason: 'the text allows to drop it; nobody expects that',
  },
  {
    version: 'v5',
    where: '3.4.2.1',
    choice: '0x10, no matching subscribers, is never said',
    reason: 'it is a MAY for who knows: sessions that are away, other nodes and connectors read the log later',
  },
  {
    version: 'v5',
    where: '3.4.2.1',
    choice:
      '0x91 answers a PUBLISH of QoS 1, a SUBSCRIBE or an UNSUBSCRIBE with the packet identifier of a QoS 2 publish that is not released',
    reason:
      'client and server disagree about the session, and a mistaken acknowledgement would end the wrong one; before 5.0 it is let pass',
  },
  {
    version: 'v5',
    where: 'MQTT-3.3.4-7',
    choice: 'the Receive Maximum is that of `limits.receive_maximum`; one publish more ends the connection: 0x93',
    reason: 'SHOULD of 4.9; it counts on this connection, so that what an earlier one left behind accuses nobody',
  },
  {
    version: 'v3.1.1',
    where: 'MQTT-3.3.5-2',
    choice: 'a publish that is not allowed is acknowledged and dropped',
    reason: 'one of the two choices; a closed connection would come back and try again',
  },
  {
    version: 'both',
    where: '3.8.4',
    choice: 'PUBLISH of a subscription comes behind its SUBACK',
    reason: 'MAY be before; clients are surprised by it',
  },
  {
    version: 'both',
    where: '4.3.3',
    choice: 'a QoS 2 message goes on when its record is committed, before PUBREC, not at PUBREL',
    reason: 'both methods of the text are allowed; this one needs no second store',
  },
  {
    version: 'both',
    where: '4.4',
    choice: 'nothing is sent again but after a reconnect',
    reason: '5.0 forbids more; in 3.1.1 TCP does it already',
  },
  {
    version: 'both',
    where: '4.7.2',
    choice:
      '$SYS is written by the broker alone; other topics that begin with $ are topics like all others, which # and + at the first level do not match',
    reason: 'SHOULD prevent clients from using $SYS; other prefixes are in use between clients',
  },
  {
    version: 'v5',
    where: '4.11',
    choice:
      'with `mqtt.server_reference` a full broker answers 0x9C, one that shuts down disconnects with 0x9C, and with `mqtt.server_moved` every CONNECT gets 0x9D; before 5.0 it is 3',
    reason: 'MAY; without a reference they are 0x89 and 0x8B',
  },
  {
    version: 'v5',
    where: '4.12.1',
    choice:
      'who re-authenticates keeps its user name, else 0x87; what it may do is that of before until the exchange has ended; an exchange has `limits.authentication_steps_max` steps and `limits.connect_ms_max`',
    reason: 'a session belongs to who opened it',
  },
  {
    version: 'v5',
    where: '3.14.2.1',
    choice: 'a credential that ends takes its connection along: 0xA0; re-authentication renews it',
    reason: 'the code means just that: the time that this connection was authorized for is over',
  },
  {
    version: 'v5',
    where: 'MQTT-3.1.2-24',
    choice:
      'a packet that is too large for the client, and is no message, goes without its reason string; where that is not enough the client gets 0x95',
    reason: 'an answer that cannot be given cannot be left out either',
  },
  {
    version: 'both',
    where: '1.5.4',
    choice: 'control characters and non-characters pass',
    reason: 'the text only says SHOULD NOT; 3.1.1 lets a receiver close, and Mosquitto does',
  },
  {
    version: 'v3.1.1',
    where: '2.2.3',
    choice: 'a Remaining Length of more bytes than needed is taken, in 5.0 it is malformed',
    reason: 'only 5.0 asks for the fewest bytes [MQTT-1.5.5-1]',
  },
  {
    version: 'both',
    where: '3.1.2.4',
    choice: 'QoS 0 for a session that is away is not kept',
    reason: 'MAY; QoS 0 is for who is there when it comes',
  },
  {
    version: 'both',
    where: 'MQTT-3.3.4-2',
    choice: 'overlapping subscriptions get one copy with the identifiers of all',
    reason: 'the text allows several; one is what a client can tell apart least wrongly',
  },
  {
    version: 'v5',
    where: '3.6.2.1',
    choice: 'PUBREC and PUBREL for an identifier that is not in use are answered with 0x92, and the connection goes on',
    reason: 'after a loss on either side both can go on; before 5.0 the answer has no code',
  },
  {
    version: 'v5',
    where: '4.13.1',
    choice: 'a reason code that an acknowledgement, DISCONNECT or AUTH does not have ends the connection: 0x82',
    reason: 'whoever sends it means something that is not known here',
  },
  {
    version: 'v5',
    where: '3.8.3',
    choice: 'a filter that is malformed ends the connection: 0x8F; one that is only refused has its code in SUBACK',
    reason: 'the first is a fault of the client, the second may be anybody’s',
  },
  {
    version: 'both',
    where: 'MQTT-4.7.3-3',
    choice:
      'a topic or filter has at most `limits.topic_bytes_max` bytes and `limits.topic_levels_max` levels: 0x90, 0x8F',
    reason: 'a bound is needed long before 65,535',
  },
  {
    version: 'v5',
    where: '4.8.2',
    choice: 'QoS 1 that a member has not acknowledged goes to another when its connection ends',
    reason: 'MAY; the group is there to go on',
  },
  {
    version: 'v5',
    where: '4.8.2',
    choice: 'a message too large for the member that is chosen is dropped, and counted',
    reason: 'MAY; to ask each member’s maximum first would cost every message for the sake of few',
  },
  {
    version: 'v5',
    where: '4.9',
    choice: 'QoS 0 goes on with no send quota left',
    reason: 'MAY; it needs no acknowledgement',
  },
  {
    version: 'both',
    where: '3.1.4',
    choice: 'what a client sends behind its CONNECT is held, not looked at, until CONNACK',
    reason: 'MAY send; nothing of it counts if the CONNECT is refused',
  },
  {
    version: 'both',
    where: 'MQTT-6.0.0-4',
    choice: 'a client that offers `mqttv3.1` alone is taken by that name; one that offers neither gets HTTP 400',
    reason: 'clients of 3.1 know no other; who offers `mqtt` gets `mqtt`',
  },
]
