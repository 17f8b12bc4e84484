/** What a run tells as it goes: one JSON line each. */
import type { FormName, RoundBooks } from './forms/form.ts'
import type { Balance } from './ledger/balance.ts'

export type ChaosEvent =
  | {
      readonly event: 'started'
      readonly seed: number
      readonly addresses: readonly string[]
      readonly faults: readonly string[]
      readonly forms: readonly FormName[]
      readonly rounds: number
      readonly ratePerSecond: number
    }
  | { readonly event: 'not-here'; readonly fault: string; readonly why: string }
  | { readonly event: 'injected'; readonly fault: string; readonly round: number; readonly what: string }
  | { readonly event: 'undone'; readonly fault: string; readonly round: number; readonly afterMs: number }
  | ({ readonly event: 'round' } & RoundResult)
  | {
      readonly event: 'case'
      readonly fault: string
      readonly form: FormName
      readonly evenRounds: number
      readonly rounds: number
      readonly balance: Balance
    }
  | { readonly event: 'ended'; readonly ok: boolean; readonly reason: string | undefined; readonly tookMs: number }

export interface RoundResult extends RoundBooks {
  readonly fault: string
  readonly form: FormName
  readonly round: number
  readonly ok: boolean
}
