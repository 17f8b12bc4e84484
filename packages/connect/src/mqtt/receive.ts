/** What comes from another broker as a message of our log, or why it is none. */
import type { Properties } from '@hawser/codec'
import { eventIdOf } from '../message/event-id.ts'
import type { Incoming, PassedOver } from '../source/source.ts'
import { originOf, withOrigin } from './origin.ts'
import { type Prefixes, toLocal } from './topic-map.ts'

export interface ReceiveForm {
  readonly prefixes: Prefixes
  readonly retain: boolean
  readonly hopsMax: number
  /** What has passed one of these is here already, or comes by a shorter way. */
  readonly known: readonly string[]
  /** Of the link that it comes by, and what is at its other end. */
  readonly names: readonly string[]
}

export interface Received {
  readonly topic: string
  readonly payload: Buffer
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly properties: Properties
}

export type Receipt = { readonly kind: 'take'; readonly message: Incoming } | PassedOver

export function receiptOf(form: ReceiveForm, received: Received): Receipt {
  const { topicAlias: _, subscriptionIdentifiers: __, userProperties = [], ...kept } = received.properties
  const origin = originOf(userProperties)
  if (form.known.some((name) => origin.includes(name))) return { kind: 'duplicate' }
  if (origin.length >= form.hopsMax) return refused(received, `has passed ${origin.length} logs and links`)
  const topic = toLocal(form.prefixes, received.topic)
  if (topic === undefined) return refused(received, `does not begin with ${form.prefixes.remote}`)
  const eventId = eventIdOf(userProperties)
  const marked = withOrigin(userProperties, [...origin, ...form.names], eventId)
  const message = {
    ...{ topic, payload: received.payload, qos: received.qos, retain: received.retain && form.retain },
    ...{ properties: { ...kept, userProperties: marked }, ...(eventId === undefined ? {} : { eventId }) },
  }
  return { kind: 'take', message }
}

const refused = ({ topic }: Received, why: string): PassedOver => ({ kind: 'refused', reason: `${topic}: it ${why}` })
