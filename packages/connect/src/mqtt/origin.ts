/**
 * What keeps a bridge from running in circles: user properties of MQTT 5 that go along with a message. `hawser-origin`
 * names the logs that it has passed, and the links by which it came into them; `hawser-event-id` is its name for ever.
 * A peer of 3.1.1 carries neither.
 */
import { eventIdProperty, type UserProperties } from '../message/event-id.ts'

export const originProperty = 'hawser-origin'
const separator = ','

export const originOf = (properties: UserProperties): readonly string[] =>
  properties.flatMap(([name, value]) => (name === originProperty && value !== '' ? value.split(separator) : []))

/** A link is named by the log that it leads to, so that two houses may name theirs alike. */
export const linkId = (logId: string, link: string): string => `${logId}:${link}`

export const withOrigin = (
  properties: UserProperties,
  chain: readonly string[],
  eventId: string | undefined,
): UserProperties => [
  ...properties.filter(([name]) => name !== originProperty && name !== eventIdProperty),
  [originProperty, chain.join(separator)],
  ...(eventId === undefined ? [] : [[eventIdProperty, eventId] as const]),
]
