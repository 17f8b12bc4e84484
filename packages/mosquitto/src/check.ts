/** What `--check` says: each line of the configuration, and whether it is honoured, harmless to ignore, or refused. */
import type { MosquittoConf, Place, Setting } from './conf/conf.ts'
import type { Verdict } from './options/option.ts'

export interface CheckedLine extends Place {
  readonly option: string
  /** Empty of a secret. */
  readonly value: string
  readonly since: '2.0' | '2.1'
  readonly verdict: Verdict
}

/** Faults are no verdicts of ours: Mosquitto would not start on them either. */
export function checkedLines({ entries, faults }: MosquittoConf): readonly (CheckedLine | FaultLine)[] {
  return [...entries.map(checkedLine), ...faults.map((fault): FaultLine => ({ ...fault, verdict: { kind: 'fault' } }))]
}

export interface FaultLine extends Place {
  readonly what: string
  readonly mend: string
  readonly verdict: { readonly kind: 'fault' }
}

const checkedLine = ({ option, value, place, verdict }: Setting): CheckedLine => ({
  ...place,
  option: option.name,
  value: option.secret === true ? '' : String(value),
  since: option.since,
  verdict,
})

export const isStartable = ({ entries, faults }: MosquittoConf): boolean =>
  faults.length === 0 && entries.every(({ verdict }) => verdict.kind !== 'refused')

export function explanation(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'honoured':
      return verdict.how
    case 'harmless':
      return verdict.why
    case 'refused':
      return `${verdict.why}; ${verdict.mend}`
    default:
      throw verdict satisfies never
  }
}
