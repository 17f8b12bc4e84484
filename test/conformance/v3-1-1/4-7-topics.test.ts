/** MQTT 3.1.1, section 4.7: topic names and topic filters. */
import {
  dollarTopics,
  longestTopic,
  multiLevelWildcard,
  noNormalization,
  nullCharacter,
  oneCharacter,
  singleLevelWildcard,
  wildcardsInNames,
} from '../scenarios/topics.ts'
import { conformance } from '../suite.ts'

conformance('v3.1.1', '4.7 topic names and filters', (test) => {
  test('v3.1.1 [MQTT-4.7.1-1] a topic name with a wildcard in it ends the connection', wildcardsInNames)
  test('v3.1.1 [MQTT-4.7.1-2] a # stands last and alone in its level, or the filter is refused', multiLevelWildcard)
  test('v3.1.1 [MQTT-4.7.1-3] a + fills its level, or the filter is refused', singleLevelWildcard)
  test('v3.1.1 [MQTT-4.7.2-1] a filter that begins with a wildcard matches no topic that begins with $', dollarTopics)
  test('v3.1.1 [MQTT-4.7.3-1] one character is enough for a topic, none is not', oneCharacter)
  test('v3.1.1 [MQTT-4.7.3-2] U+0000 in a topic or a filter is refused', nullCharacter)
  test('v3.1.1 [MQTT-4.7.3-3] a topic of 65,535 bytes is delivered whole or refused, never cut', longestTopic)
  test('v3.1.1 [MQTT-4.7.3-4] topics that look alike and are written differently do not match', noNormalization)
})
