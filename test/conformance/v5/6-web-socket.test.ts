/** MQTT 5.0, section 6: WebSocket as a transport. */
import { binaryFrames, notAligned, subprotocol, textFrameCloses } from '../scenarios/web-socket.ts'
import { conformance } from '../suite.ts'

conformance('v5', '6 WebSocket', (test) => {
  test('v5 [MQTT-6.0.0-1] packets of the server come in binary frames', 'webSocket', binaryFrames)
  test('v5 [MQTT-6.0.0-1] a text frame ends the connection', 'webSocket', textFrameCloses)
  test('v5 [MQTT-6.0.0-2] packets need not be aligned with frames', 'webSocket', notAligned)
  test('v5 [MQTT-6.0.0-4] the subprotocol that is selected is mqtt', 'webSocket', subprotocol)
})
