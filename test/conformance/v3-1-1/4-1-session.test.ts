/** MQTT 3.1.1, sections 4.1, 4.5 and 7.1: session state, receipt and transport. */
import {
  everyMatchingSession,
  orderedStream,
  sessionKeptWhole,
  sessionLastsWithConnection,
} from '../scenarios/session.ts'
import { conformance, ownClock } from '../suite.ts'

conformance('v3.1.1', '4.1 and 4.5', (test) => {
  test('v3.1.1 [MQTT-4.1.0-1] session state stays as long as the session', sessionKeptWhole)
  test('v3.1.1 [MQTT-4.1.0-2] a session lasts as long as its connection', ownClock(), sessionLastsWithConnection)
  test('v3.1.1 [MQTT-4.5.0-1] a message goes to every matching session, connected or not', everyMatchingSession)
  test('v3.1.1 [MQTT-7.1.1-1] bytes arrive whole and in order however they are cut', orderedStream)
})
