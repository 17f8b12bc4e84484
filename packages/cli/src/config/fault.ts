import { HawserError } from '@hawser/std'

/** One thing wrong with the configuration, and where. */
export interface Fault {
  /** `file:line`, or the name of a variable. */
  readonly where: string
  readonly what: string
  readonly mend: string
}

export const faultLine = ({ where, what, mend }: Fault): string => `${where}: ${what}; ${mend}`

/** The first of the faults as one line, and how to see the others. */
export function faultError(faults: readonly [Fault, ...Fault[]], file?: string): HawserError {
  const [first, ...others] = faults
  const more = others.length === 0 ? '' : ` (and ${others.length} more: hawser config check ${file})`
  return new HawserError('CONFIG_INVALID', `${first.where}: ${first.what}`, { mend: `${first.mend}${more}` })
}
