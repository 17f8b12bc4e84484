/** What several processes of one log must do for each other: lanes, barriers, orphans, adoption. */
import { describe } from 'node:test'
import { adoptionCases } from './members-adoption.ts'
import { laneCases } from './members-lanes.ts'
import type { MembersUnderTest } from './members-under-test.ts'
import { casesOf } from './under-test.ts'

export function membersContract(underTest: MembersUnderTest): void {
  const test = casesOf(underTest)
  describe(`${underTest.name}: members`, () => {
    laneCases(underTest, test)
    adoptionCases(underTest, test)
  })
}
