/** What a connector's own test file hands to the contract suite. */
import type { LogId } from '@hawser/engine'
import type { Connector } from '../connector.ts'

export interface SinkRow {
  readonly partition: number
  readonly position: number
  readonly topic: string
}

/** The topic of the messages that a sink under test can be told to refuse. */
export const refusedTopic = 't/refused'

/** One sink in the test's hands: it can be broken, mended and looked into. */
export interface SinkUnderTest extends AsyncDisposable {
  /** A new connector over this same sink, as a restarted process makes it. */
  connector(filters: readonly string[]): Connector
  /** From now on the sink is out of reach, for opening and for writing. */
  fail(): Promise<void>
  mend(): Promise<void>
  /** Until disposed of, it refuses for good what is on `refusedTopic`. Left out where it takes whatever there is. */
  refuse?(): Promise<AsyncDisposable>
  /** What it holds of one log, in the order in which the sink keeps it. */
  rows(logId: LogId): Promise<readonly SinkRow[]>
}

export interface ConnectorUnderTest {
  readonly name: string
  /** A fresh sink for each case. */
  readonly open: () => Promise<SinkUnderTest>
  /** `at-least-once`: after a failure a record may be there twice, under one identity. Default: `once`. */
  readonly holds?: 'once' | 'at-least-once'
  /** Cases that this connector cannot meet, each with the reason; or all of them, by the name `all`. */
  readonly waived?: Readonly<Record<string, string>>
}
