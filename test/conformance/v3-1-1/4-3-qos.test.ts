/** MQTT 3.1.1, sections 4.3 and 4.4: quality of service and delivery retry. */
import {
  pubrelCompleted,
  qos1Acknowledged,
  qos1NewAfterPuback,
  qos2DuplicatesOnce,
  qos2DuplicatesOnceAfterResume,
  qos2NewAfterPubcomp,
  qos2Received,
} from '../scenarios/qos-in.ts'
import {
  noPublishAfterPubrel,
  pubrelAfterPubrec,
  pubrelUntilPubcomp,
  qos0Sent,
  qos1FirstSending,
  qos1FreeIdentifiers,
  qos2FirstSending,
  qos2FreeIdentifiers,
  resentOnResume,
  unacknowledgedUntilPuback,
  unacknowledgedUntilPubrec,
} from '../scenarios/qos-out.ts'
import { conformance } from '../suite.ts'

conformance('v3.1.1', '4.3 quality of service', (test) => {
  test('v3.1.1 [MQTT-4.3.1-1] QoS 0 is sent with QoS 0 and without DUP', qos0Sent)
  test('v3.1.1 [MQTT-4.3.2-1] QoS 1: the packet identifier is a free one', qos1FreeIdentifiers)
  test('v3.1.1 [MQTT-4.3.2-1] QoS 1: first sent with QoS 1 and without DUP', qos1FirstSending)
  test('v3.1.1 [MQTT-4.3.2-1] QoS 1: unacknowledged until PUBACK', unacknowledgedUntilPuback)
  test('v3.1.1 [MQTT-4.3.2-2] QoS 1 is answered by PUBACK once the message is owned', qos1Acknowledged)
  test('v3.1.1 [MQTT-4.3.2-2] after PUBACK the same identifier is a new message', qos1NewAfterPuback)
  test('v3.1.1 [MQTT-4.3.3-1] QoS 2: the packet identifier is a free one', qos2FreeIdentifiers)
  test('v3.1.1 [MQTT-4.3.3-1] QoS 2: first sent with QoS 2 and without DUP', qos2FirstSending)
  test('v3.1.1 [MQTT-4.3.3-1] QoS 2: unacknowledged until PUBREC', unacknowledgedUntilPubrec)
  test('v3.1.1 [MQTT-4.3.3-1] QoS 2: PUBREC is answered by PUBREL', pubrelAfterPubrec)
  test('v3.1.1 [MQTT-4.3.3-1] QoS 2: PUBREL is unacknowledged until PUBCOMP', pubrelUntilPubcomp)
  test('v3.1.1 [MQTT-4.3.3-1] QoS 2: after PUBREL the PUBLISH is not sent again', noPublishAfterPubrel)
  test('v3.1.1 [MQTT-4.3.3-2] QoS 2 is answered by PUBREC once the message is owned', qos2Received)
  test('v3.1.1 [MQTT-4.3.3-2] QoS 2 sent again before PUBREL is delivered once', qos2DuplicatesOnce)
  test('v3.1.1 [MQTT-4.3.3-2] QoS 2 sent again on the next connection is delivered once', qos2DuplicatesOnceAfterResume)
  test('v3.1.1 [MQTT-4.3.3-2] PUBREL is answered by PUBCOMP', pubrelCompleted)
  test('v3.1.1 [MQTT-4.3.3-2] after PUBCOMP the same identifier is a new message', qos2NewAfterPubcomp)
  test('v3.1.1 [MQTT-4.4.0-1] PUBLISH and PUBREL come again on resuming, as they were', resentOnResume)
})
