import type { FormName, OpenTheForm } from './form.ts'
import { openRetained } from './retained.ts'
import { openStream } from './stream.ts'
import { openWills } from './will.ts'

export const forms: Readonly<Record<FormName, OpenTheForm>> = {
  qos1: openStream({ name: 'qos1', qos: 1, receivers: 2 }),
  qos2: openStream({ name: 'qos2', qos: 2, receivers: 2 }),
  retained: openRetained,
  will: openWills,
  session: openStream({ name: 'session', qos: 2, receivers: 1, away: true }),
  shared: openStream({ name: 'shared', qos: 2, receivers: 3, shared: true }),
}
