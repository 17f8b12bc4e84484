/** How an engine's part is given to its contract suite. */
import { it, type TestContext } from 'node:test'

export interface UnderTest<Part extends AsyncDisposable> {
  readonly name: string
  /** A new and empty one; the suite disposes it. */
  readonly open: () => Promise<Part>
  /** Opens anew what `closed`, now disposed, had stored. Left out by those that store nothing. */
  readonly reopen?: (closed: Part) => Promise<Part>
  /** Cases, by name, that it cannot meet, each with the reason. */
  readonly waived?: Readonly<Record<string, string>>
}

export type Case = (name: string, run: (test: TestContext) => Promise<void>) => void

/** `it`, but the waived cases are skipped with their reason. */
export const casesOf =
  (underTest: { readonly waived?: Readonly<Record<string, string>> }): Case =>
  (name, run) =>
    void it(name, { skip: underTest.waived?.[name] ?? false }, run)
