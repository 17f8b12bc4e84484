/** A flag as data: `read-arguments.ts` reads by it, and `help.ts` shows it. */
import { ArgumentRefusal } from '../refusal.ts'

export interface Flag<in Settings> {
  readonly short?: `-${string}`
  readonly long?: `--${string}`
  /** What stands for its argument in the help text; a flag without one is a switch. */
  readonly value?: string
  /** Ends the sentence "-h argument given but …". */
  readonly missing?: string
  /** How many arguments it takes where that is not one: by what follows it. */
  readonly takes?: (following: readonly string[]) => number
  readonly help: string
  /** Throws `ArgumentRefusal`. A switch is given no value. */
  readonly set: (settings: Settings, ...values: readonly string[]) => void
}

/** The name that complaints use. */
export const flagName = (flag: Flag<never>): string => flag.short ?? flag.long ?? ''

/** A whole number as C's atoi reads it: the digits it begins with, else 0. */
export function leadingInteger(text: string): number {
  return Number(/^\s*([+-]?\d+)/.exec(text)?.[1] ?? 0)
}

export function integerWithin(text: string, min: number, max: number, complaint: (value: number) => string): number {
  const value = leadingInteger(text)
  if (value < min || value > max) throw new ArgumentRefusal(complaint(value))
  return value
}
