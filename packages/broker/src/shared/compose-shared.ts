/** Puts the parts of shared subscriptions together. */

import { Distribution, type DistributionParts } from './distribution.ts'
import type { GroupJournal } from './group-journal.ts'
import { GroupReader, type GroupReaderParts } from './group-reader.ts'
import { type SharedParts, SharedSubscriptions } from './shared-subscriptions.ts'

type Parts = DistributionParts & Omit<GroupReaderParts, 'distribution'> & Omit<SharedParts, 'reader'>

export function composeShared(parts: Parts & { readonly journal: GroupJournal }): {
  readonly distribution: Distribution
  readonly shared: SharedSubscriptions
} {
  const distribution = new Distribution(parts)
  const reader = new GroupReader({ ...parts, distribution })
  return { distribution, shared: new SharedSubscriptions({ ...parts, reader }) }
}
