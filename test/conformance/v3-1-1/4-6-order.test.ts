/** MQTT 3.1.1, section 4.6: message ordering. */
import {
  everyTopicOrdered,
  pubacksInOrder,
  publishedOrder,
  publishesAgainInOrder,
  pubrecsInOrder,
  pubrelsInOrder,
  retainedAgainInOrder,
} from '../scenarios/order.ts'
import { conformance } from '../suite.ts'

conformance('v3.1.1', '4.6 message ordering', (test) => {
  test('v3.1.1 [MQTT-4.6.0-1] what is sent again comes in the order of its first sending', publishesAgainInOrder)
  test('v3.1.1 [MQTT-4.6.0-1] a retained message that was sent last is sent again last', retainedAgainInOrder)
  test('v3.1.1 [MQTT-4.6.0-2] PUBACK packets come in the order of the PUBLISH packets', pubacksInOrder)
  test('v3.1.1 [MQTT-4.6.0-3] PUBREC packets come in the order of the PUBLISH packets', pubrecsInOrder)
  test('v3.1.1 [MQTT-4.6.0-4] PUBREL packets come in the order of the PUBREC packets', pubrelsInOrder)
  test('v3.1.1 [MQTT-4.6.0-5] every topic is ordered', everyTopicOrdered)
  test('v3.1.1 [MQTT-4.6.0-6] one client’s messages arrive in order, now and later', publishedOrder)
})
