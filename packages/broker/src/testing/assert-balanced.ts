import assert from 'node:assert/strict'
import { imbalances } from '../measure/balance.ts'
import type { Broker } from '../options.ts'

/** All that came in, was appended, delivered, acknowledged, dropped or waits is accounted for, as it is now. */
export function assertBalanced(broker: Broker): void {
  assert.deepEqual(imbalances(broker.stats().accounting), [])
}
