import type { Services } from '../services.ts'
import type { AccountFigures } from './balance.ts'

export function accountFigures({ counters, committed, receipts, sessions }: Services): AccountFigures {
  const { accounts } = counters
  const inflight = { live: 0, memory: 0, disk: 0 }
  for (const session of sessions.online.values()) {
    for (const partition of session.inflight?.partitions() ?? []) {
      inflight[accounts.of(partition) === accounts.memory ? 'memory' : 'disk']++
    }
  }
  return {
    accounts: structuredClone(accounts),
    publishesReceived: [...counters.publishesReceived],
    publishesSent: [...counters.publishesSent],
    publishesResent: counters.publishesResent,
    publishesAcknowledged: counters.publishesAcknowledged,
    recordsAppended: counters.recordsAppended,
    ticketsGiven: committed.ticketsGiven,
    underway: committed.underway,
    receiptsWaiting: receipts.receipts,
    inflight,
  }
}
