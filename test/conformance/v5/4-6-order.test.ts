/** MQTT 5.0, section 4.6: message ordering. */
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

conformance('v5', '4.6 message ordering', (test) => {
  test('v5 [MQTT-4.6.0-1] what is sent again comes in the order of its first sending', publishesAgainInOrder)
  test('v5 [MQTT-4.6.0-1] a retained message that was sent last is sent again last', retainedAgainInOrder)
  test('v5 [MQTT-4.6.0-2] PUBACK packets come in the order of the PUBLISH packets', pubacksInOrder)
  test('v5 [MQTT-4.6.0-3] PUBREC packets come in the order of the PUBLISH packets', pubrecsInOrder)
  test('v5 [MQTT-4.6.0-4] PUBREL packets come in the order of the PUBREC packets', pubrelsInOrder)
  test('v5 [MQTT-4.6.0-5] one client’s messages arrive in order, now and later', publishedOrder)
  test('v5 [MQTT-4.6.0-6] every topic is ordered', everyTopicOrdered)
})
