/** What of a `connection` block cannot be kept as it stands, or what Mosquitto would not take. */
import { filtersMeet } from '@hawser/codec'
import { type BridgeTopic, bridgeTopicOf } from './bridge-topic.ts'
import type { BridgeSection, ConfFault, Setting } from './conf.ts'

export function bridgeFaults({ line, settings }: BridgeSection): readonly ConfFault[] {
  const faults: ConfFault[] = []
  const say = ({ place }: Setting, what: string, mend: string): void => void faults.push({ ...place, what, mend })
  const address = settings.get('address')
  if (address === undefined) say(line, 'a connection without an address', 'write its address below it')
  else if (!/^\S+$/.test(String(address.value))) {
    say(address, 'a bridge goes to one broker', 'keep one address, or give a name that stands for several')
  }
  const topics = settings.all('topic')
  if (topics.length === 0) say(line, 'a connection without a topic', 'write its topics below it')
  const read: BridgeTopic[] = []
  const isOld = settings.text('bridge_protocol_version') !== 'mqttv50'
  for (const setting of topics) {
    const topic = bridgeTopicOf(String(setting.value))
    if (typeof topic === 'string') say(setting, topic, 'write PATTERN out|in|both QOS LOCAL REMOTE')
    else {
      // Two lines are two connections of ours, and 3.1.1 has nothing that would break the circle.
      if (isOld && read.some((other) => makeCircle(topic, other))) {
        say(
          setting,
          'what goes out by one line comes in by another',
          'write both in one line, or bridge_protocol_version mqttv50',
        )
      }
      read.push(topic)
    }
  }
  const [user, password] = [settings.get('remote_username'), settings.get('remote_password')]
  const lone = user === undefined ? password : password === undefined ? user : undefined
  if (lone !== undefined) say(lone, `${lone.option.name} alone`, 'give remote_username and remote_password')
  const [certificate, key] = [settings.get('bridge_certfile'), settings.get('bridge_keyfile')]
  const half = certificate === undefined ? key : key === undefined ? certificate : undefined
  if (half !== undefined) say(half, `${half.option.name} alone`, 'give bridge_certfile and bridge_keyfile')
  const outgoingRetain = settings.get('bridge_outgoing_retain')
  if (outgoingRetain?.value === false && read.some(({ direction }) => direction === 'both')) {
    say(
      outgoingRetain,
      'retain is kept or not in both directions of a topic',
      'write an out and an in line with prefixes of their own',
    )
  }
  const isPrivate = settings.boolean('try_private') ?? true
  const tried = settings.get('try_private')
  if (!isPrivate && isOld && tried !== undefined && read.some(({ direction }) => direction === 'both')) {
    say(tried, 'what goes out would come back', 'take it out, or write bridge_protocol_version mqttv50')
  }
  return faults
}

function makeCircle(one: BridgeTopic, other: BridgeTopic): boolean {
  if (isSameLink(one, other)) return false
  const goes = (topic: BridgeTopic, way: 'in' | 'out'): boolean => topic.direction === way || topic.direction === 'both'
  const opposed = (goes(one, 'in') && goes(other, 'out')) || (goes(one, 'out') && goes(other, 'in'))
  const here = ({ localPrefix, pattern }: BridgeTopic): string => `${localPrefix}${pattern}`
  const there = ({ remotePrefix, pattern }: BridgeTopic): string => `${remotePrefix}${pattern}`
  return opposed && filtersMeet(here(one), here(other)) && filtersMeet(there(one), there(other))
}

const isSameLink = (one: BridgeTopic, other: BridgeTopic): boolean =>
  one.direction === other.direction &&
  one.qos === other.qos &&
  one.localPrefix === other.localPrefix &&
  one.remotePrefix === other.remotePrefix
