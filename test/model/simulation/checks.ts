/** What the brokers say of themselves, held against what must always be. */
import { imbalances, type Limits } from '@hawser/broker'
import type { Ledger } from '../ledger/ledger.ts'
import { packetsAtOnceMax } from './link.ts'
import type { Process } from './process.ts'

export interface Checked {
  readonly ledger: Ledger
  readonly nodes: readonly (Process | undefined)[]
}

/** What one read brings goes out together, and each packet has less than this. */
const packetBytesMax = 64

export const narrowLimits = {
  durableInflightMax: 4,
  inflightMax: 6,
  outputHighWaterBytes: 128,
  outputBytesMax: 256,
  catchUpsMax: 2,
} as const satisfies Partial<Limits>

/** What is missing at QoS 0 is counted as dropped. */
export function checkDrops({ ledger, nodes }: Checked, missing: readonly string[]): void {
  let dropped = 0
  for (const process of nodes) {
    for (const count of Object.values(process?.broker?.stats().counters.dropped ?? {})) dropped += count
  }
  if (missing.length <= dropped) return
  ledger.violate({ invariant: 8, what: `${missing.join(', ')} is missing at QoS 0; ${dropped} are counted` })
}

/** At any time each message is accounted for. */
export function checkBalances({ ledger, nodes }: Checked): void {
  for (const process of nodes) {
    if (process?.up !== true || process.broker === undefined) continue
    for (const { equation, left, right } of imbalances(process.broker.stats().accounting)) {
      ledger.violate({ invariant: 8, what: `the sums do not agree: ${equation}: ${left}, ${right}` })
    }
  }
}

export function checkStats({ ledger, nodes }: Checked): void {
  for (const process of nodes) {
    const stats = process?.broker?.stats()
    if (stats === undefined) continue
    if (stats.missing !== 0) ledger.violate({ invariant: 1, what: `${stats.missing} acknowledged, not committed` })
    if (stats.commitsWaiting !== 0) {
      ledger.violate({ invariant: 0, what: `${stats.commitsWaiting} acknowledgements wait for no commit` })
    }
  }
}

/** A slow client harms itself alone, and no more than its share. */
export function checkBounds({ ledger, nodes }: Checked): void {
  const { outputBytesMax, inflightMax } = narrowLimits
  for (const process of nodes) {
    for (const { clientId, inflight, outputBytesPending } of process?.broker?.clients() ?? []) {
      if (inflight > inflightMax) {
        ledger.violate({ invariant: 7, what: `${clientId} has ${inflight} messages in flight` })
      }
      if (outputBytesPending <= outputBytesMax + packetsAtOnceMax * packetBytesMax) continue
      ledger.violate({ invariant: 7, what: `${outputBytesPending} bytes of output wait for ${clientId}` })
    }
  }
}
