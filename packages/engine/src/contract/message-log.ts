/** What every `MessageLog` must do. */
import { describe } from 'node:test'
import type { MessageLog } from '../log.ts'
import { appendingCases } from './message-log-appending.ts'
import { closingCases } from './message-log-closing.ts'
import { findingCases } from './message-log-finding.ts'
import { historyCases } from './message-log-histories.ts'
import { readingCases } from './message-log-reading.ts'
import { casesOf, type UnderTest } from './under-test.ts'

export interface MessageLogUnderTest extends UnderTest<MessageLog> {
  /**
   * One that keeps so little that, with the floor at its end, 64 MiB of appended records push out the oldest.
   * Without it the cases of forgetting are waived.
   */
  readonly openForgetful?: () => Promise<MessageLog>
}

export function messageLogContract(underTest: MessageLogUnderTest): void {
  const test = casesOf(underTest)
  describe(`${underTest.name}: message log`, () => {
    appendingCases(underTest, test)
    readingCases(underTest, test)
    findingCases(underTest, test)
    closingCases(underTest, test)
    historyCases(underTest, test)
  })
}
