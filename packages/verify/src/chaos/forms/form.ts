/** A form of traffic: clients that go on through a fault, and books that must be even behind it. */
import type { Clock, Milliseconds } from '@hawser/std'
import type { EntryBudget } from '../clients/publisher.ts'
import type { Reach } from '../clients/roaming.ts'
import type { Balance } from '../ledger/balance.ts'

export const formNames = ['qos1', 'qos2', 'retained', 'will', 'session', 'shared'] as const
export type FormName = (typeof formNames)[number]

export interface FormSurroundings {
  readonly reach: Reach
  readonly clock: Clock
  /** Begins every topic and client id of this run. */
  readonly prefix: string
  readonly ratePerSecond: number
  readonly entries: EntryBudget
  /** How long what is due is waited for. */
  readonly settleMsMax: Milliseconds
  readonly signal: AbortSignal
}

export interface RoundBooks {
  readonly balance: Balance
  readonly acknowledged: number
  /** Refused, or never answered. */
  readonly unknown: number
  /** From the fault to the first delivery of something that was handed over behind it, at the last of the receivers. */
  readonly recoveryMs: number | undefined
  /** A client of it lost its connection to the fault, or was to come back behind it. */
  readonly hit: boolean
  /** The longest time without an acknowledgement. */
  readonly silenceMs: number
}

export interface OpenForm extends AsyncDisposable {
  /** The load begins. */
  begin(): Promise<void>
  /** Now something breaks. */
  fault(): void
  /** Something handed over behind the fault has come to everybody who waits for it. */
  recovered(): boolean
  /** The load ends; resolves when the books are even, or when it has been waited for that long enough. */
  end(): Promise<RoundBooks>
  /** Of all rounds: what came later than its round, too. */
  whole(): Promise<Balance>
}

export type OpenTheForm = (surroundings: FormSurroundings) => Promise<OpenForm>
