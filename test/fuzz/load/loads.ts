/** All of them, by the name that the command takes. */
import { deafPublishers } from './deaf-publishers.ts'
import { flapping } from './flapping.ts'
import { halfOpen } from './half-open.ts'
import type { Load } from './load.ts'
import { neverAcknowledgeQos1, neverAcknowledgeQos2 } from './never-acknowledge.ts'
import { neverReadQos0, neverReadQos1 } from './never-read.ts'
import { reconnects } from './reconnects.ts'
import { retained } from './retained.ts'
import { subscriptions } from './subscriptions.ts'
import { wills } from './wills.ts'

export const loads: Readonly<Record<string, Load>> = {
  'never-read-qos-0': neverReadQos0,
  'never-read-qos-1': neverReadQos1,
  'never-acknowledge-qos-1': neverAcknowledgeQos1,
  'never-acknowledge-qos-2': neverAcknowledgeQos2,
  'deaf-publishers': deafPublishers,
  'half-open': halfOpen,
  reconnects,
  flapping,
  subscriptions,
  retained,
  wills,
}
