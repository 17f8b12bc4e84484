/** How processes of one log are given to their contract suite, and how it waits for them. */
import assert from 'node:assert/strict'
import type { MessageLog, Partition } from '../log.ts'
import type { Members } from '../members.ts'
import type { StateStore } from '../state.ts'
import { recordsOf, type StoredRecord } from './records.ts'
import type { UnderTest } from './under-test.ts'

export interface MemberUnderTest extends AsyncDisposable {
  readonly log: MessageLog
  readonly state: StateStore
  readonly members: Members
  /** Ends it as SIGKILL would. */
  crash(): Promise<void>
}

/** Where processes of one log live, and what is durable outlives them. */
export interface MembersHost extends AsyncDisposable {
  /** Resolves once the process knows all who started before it. */
  start(): Promise<MemberUnderTest>
}

export interface MembersUnderTest extends Omit<UnderTest<MembersHost>, 'reopen'> {
  /**
   * Hosts on which retention keeps next to nothing: 64 MiB of records below the floor of all push out the oldest.
   * Without it the case of the common floor is waived.
   */
  readonly openForgetful?: () => Promise<MembersHost>
}

/** Resolves as soon as the condition holds, looked at whenever the process hears of anything. */
export function when({ log, members }: MemberUnderTest, condition: () => boolean): Promise<void> {
  if (condition()) return Promise.resolve()
  return new Promise((resolve) => {
    const look = (): void => {
      if (!condition()) return
      listening.dispose()
      resolve()
    }
    const listening = new DisposableStack()
    listening.use(log.onCommit(look))
    listening.use(members.bus.onPeers(look))
    listening.use(members.onOrphans(look))
  })
}

/** All that a process is handed over, by partition. */
export class Heard {
  readonly #records = new Map<Partition, StoredRecord[]>()

  constructor({ log }: MemberUnderTest) {
    log.onCommit((batch) => {
      const ofPartition = this.of(batch.partition)
      assert.equal(batch.firstTicket >= 0, batch.partition === log.own, 'own batches, and no others, have tickets')
      for (const record of recordsOf(batch)) {
        assert.ok(record.position > (ofPartition.at(-1)?.position ?? -1), 'positions must grow')
        ofPartition.push(record)
      }
      this.#records.set(batch.partition, ofPartition)
    })
  }

  of(partition: Partition): StoredRecord[] {
    return this.#records.get(partition) ?? []
  }

  bodies(partition: Partition): string[] {
    return this.of(partition).map(({ body }) => body)
  }
}

export const endOf = ({ log }: MemberUnderTest, partition: Partition): number =>
  log.partitions().find((range) => range.partition === partition)?.end ?? 0
