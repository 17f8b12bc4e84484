import type { Database } from '../database/database.ts'

export interface DatabaseUnderTest {
  readonly name: string
  readonly database: () => Promise<Database>
  /** Why it cannot be tested here. */
  readonly skip?: string | false
}
