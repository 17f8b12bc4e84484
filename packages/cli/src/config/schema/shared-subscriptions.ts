/** The key `shared_subscriptions`: which member of a group is given a message. */
import { sharedStrategies } from '@hawser/broker'
import * as z from 'zod'
import { setting } from './setting.ts'

const strategy = z.enum(sharedStrategies)

const group = z.strictObject({
  name: z.string().regex(/^[^/+#]+$/, 'the GROUP of $share/GROUP/FILTER, without /, + and #'),
  strategy,
})

export const sharedSubscriptions = z
  .strictObject({
    strategy: setting(strategy, 'round-robin', 'which member of $share/GROUP/FILTER is given the next message'),
    groups: setting(z.array(group), [], 'groups that are served by another one'),
  })
  .meta({ description: 'how members of a shared subscription are chosen' })
