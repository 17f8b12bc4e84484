/** What a run found, for a program to read; the HTML report is made of it. */
import type { RoundResult } from '../events.ts'
import type { FormName } from '../forms/form.ts'
import { type Balance, isEven, type ProblemKind, problemKinds } from '../ledger/balance.ts'

export interface CaseResult {
  readonly fault: string
  readonly form: FormName
  readonly rounds: readonly RoundResult[]
  /** Of all rounds, and of what came behind them. Undefined where the run ended before. */
  readonly whole: Balance | undefined
}

export interface CaseSummary {
  readonly fault: string
  readonly form: FormName
  readonly rounds: number
  readonly evenRounds: number
  readonly acknowledged: number
  readonly unknown: number
  readonly delivered: number
  readonly again: number
  readonly problems: Readonly<Record<ProblemKind, number>>
  readonly recoveryMs: Spread | undefined
  /** Rounds in which a client of the form lost its connection, or came back. */
  readonly hitRounds: number
  /** Of those alone. */
  readonly hitRecoveryMs: Spread | undefined
  readonly longestSilenceMs: number
  readonly samples: readonly string[]
}

export interface Spread {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export interface ChaosSummary {
  readonly version: string
  readonly startedAt: string
  readonly tookMs: number
  readonly ok: boolean
  /** Why it ended before its time, or why its books are not even. */
  readonly reason: string | undefined
  readonly seed: number
  readonly cluster: string
  readonly addresses: readonly string[]
  readonly ratePerSecond: number
  readonly notHere: readonly { readonly fault: string; readonly why: string }[]
  readonly cases: readonly CaseSummary[]
  readonly rounds: readonly RoundResult[]
}

export function summarize({ fault, form, rounds, whole }: CaseResult): CaseSummary {
  const total = (pick: (round: RoundResult) => number): number => rounds.reduce((all, round) => all + pick(round), 0)
  // What is wrong with the whole is no less than what was wrong with its rounds: late ones have come by then.
  const ofWhole = (kind: ProblemKind): number => whole?.counts[kind] ?? total(({ balance }) => balance.counts[kind])
  const hit = rounds.filter((round) => round.hit)
  return {
    fault,
    form,
    rounds: rounds.length,
    evenRounds: rounds.filter(({ ok }) => ok).length,
    acknowledged: total(({ acknowledged }) => acknowledged),
    unknown: total(({ unknown }) => unknown),
    delivered: whole?.delivered ?? total(({ balance }) => balance.delivered),
    again: whole?.again ?? total(({ balance }) => balance.again),
    problems: {
      lost: ofWhole('lost'),
      duplicate: ofWhole('duplicate'),
      disorder: ofWhole('disorder'),
      strange: ofWhole('strange'),
    },
    hitRounds: hit.length,
    hitRecoveryMs: spread(hit.flatMap(({ recoveryMs }) => recoveryMs ?? [])),
    recoveryMs: spread(rounds.flatMap(({ recoveryMs }) => recoveryMs ?? [])),
    longestSilenceMs: Math.max(0, ...rounds.map(({ silenceMs }) => silenceMs)),
    samples: [...rounds.flatMap(({ balance }) => balance.samples), ...(whole?.samples ?? [])].slice(0, 10),
  }
}

export const isCaseEven = ({ rounds, whole }: CaseResult): boolean =>
  rounds.every(({ ok }) => ok) && whole !== undefined && isEven(whole)

export function spread(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined
  const sorted = [...values].sort((left, right) => left - right)
  const at = (part: number): number => Math.round(sorted[Math.ceil(part * sorted.length) - 1] ?? 0)
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}

export const problemText = (problems: Readonly<Record<ProblemKind, number>>): string =>
  problemKinds.flatMap((kind) => (problems[kind] === 0 ? [] : `${problems[kind]} ${kind}`)).join(', ') || 'even'
