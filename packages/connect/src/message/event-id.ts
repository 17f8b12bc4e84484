/** The name of a message for ever, as a user property of MQTT 5 that goes along with it. */
import type { Properties } from '@hawser/codec'

export const eventIdProperty = 'hawser-event-id'

export type UserProperties = NonNullable<Properties['userProperties']>

/** Of the first place that took it. */
export const eventIdOf = (properties: UserProperties): string | undefined =>
  properties.find(([name]) => name === eventIdProperty)?.[1]

export const withEventId = (properties: UserProperties, eventId: string): UserProperties => [
  ...properties.filter(([name]) => name !== eventIdProperty),
  [eventIdProperty, eventId],
]
