/**
 * What keeps a bridge from running in circles: user properties of MQTT 5 that go along with a message. `hawser-origin`
 * names the logs that it has passed, the links by which it came into them, and the brokers at their other ends as far as
 * they have a name; `hawser-event-id` is its name for ever. A peer of 3.1.1 carries neither.
 */
import { eventIdProperty, type UserProperties } from '../message/event-id.ts'

export const originProperty = 'hawser-origin'
const separator = ','

/** What a link is called in origins. */
export interface LinkNames {
  readonly link: string
  /** The broker at its other end, as all call it that have a link to it. */
  readonly peer?: string | undefined
  /** Of links of which a message goes by one only. */
  readonly mesh?: string | undefined
}

export const originOf = (properties: UserProperties): readonly string[] =>
  properties.flatMap(([name, value]) => (name === originProperty && value !== '' ? value.split(separator) : []))

/** A link is named by the log that it leads to, so that two houses may name theirs alike. */
export const linkId = (logId: string, link: string): string => `${logId}:${link}`

/** A message that has one of these has come by the link, or needs not go by it. `peerLog`: as the peer has told it. */
export const namesOf = ({ link, peer, mesh }: LinkNames, logId: string, peerLog: string | undefined): string[] =>
  [linkId(logId, link), peer, peerLog, mesh].filter((name) => name !== undefined)

export const withOrigin = (
  properties: UserProperties,
  chain: readonly string[],
  eventId: string | undefined,
): UserProperties => [
  ...properties.filter(([name]) => name !== originProperty && name !== eventIdProperty),
  [originProperty, chain.join(separator)],
  ...(eventId === undefined ? [] : [[eventIdProperty, eventId] as const]),
]
