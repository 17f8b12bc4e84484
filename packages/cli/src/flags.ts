/** Flags as data: one table gives the values with their types, the help text, and the errors that name what is near. */
import { parseArgs } from 'node:util'
import { HawserError, nearest } from '@hawser/std'
import type { CommandExample } from './command.ts'

export interface FlagSpec {
  /** `list`: with commas, or again; `texts`: again. */
  readonly kind: 'switch' | 'text' | 'list' | 'texts' | 'integer' | 'port'
  readonly help: string
  readonly short?: string
  /** What stands for the value in the help text. */
  readonly value?: string
  /** The only values allowed, of a text. */
  readonly choices?: readonly string[]
}

export type FlagSpecs = Readonly<Record<string, FlagSpec>>

interface FlagValue {
  switch: boolean
  text: string
  list: readonly string[]
  texts: readonly string[]
  integer: number
  port: number
}
/** A flag that was not given is undefined: defaults stand in the configuration, in one place. */
export type FlagValues<Specs extends FlagSpecs> = {
  readonly [Name in keyof Specs]: FlagValue[Specs[Name]['kind']] | undefined
}

export interface ParsedFlags<Specs extends FlagSpecs> {
  readonly flags: FlagValues<Specs>
  readonly positionals: readonly string[]
}

export function parseFlags<const Specs extends FlagSpecs>(specs: Specs, args: readonly string[]): ParsedFlags<Specs> {
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options: Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, parserOption(spec)])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const values: Record<string, boolean | string | number | readonly string[]> = {}
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const spec = specs[token.name]
    if (spec === undefined) throw unknownFlag(token.rawName, Object.keys(specs))
    values[token.name] = flagValue(token.rawName, spec, token.value, values[token.name])
  }
  return { flags: values as FlagValues<Specs>, positionals }
}

/** For commands that take no words beside their flags. */
export function refusePositionals(positionals: readonly string[]): void {
  if (positionals[0] === undefined) return
  throw new HawserError('USAGE', `unexpected argument "${positionals[0]}"`, { mend: 'see --help' })
}

const parserOption = (spec: FlagSpec) => ({
  type: spec.kind === 'switch' ? ('boolean' as const) : ('string' as const),
  ...(spec.short === undefined ? {} : { short: spec.short }),
})

function flagValue(rawName: string, spec: FlagSpec, value: string | undefined, before: unknown) {
  if (spec.kind === 'switch') {
    if (value !== undefined)
      throw new HawserError('USAGE', `${rawName} takes no value`, { mend: `write ${rawName} alone` })
    return true
  }
  if (value === undefined) {
    throw new HawserError('USAGE', `${rawName} needs a value`, { mend: `write ${rawName} ${valueTitle(spec)}` })
  }
  switch (spec.kind) {
    case 'text':
      return oneOf(rawName, value, spec.choices)
    case 'list':
      return [...((before as readonly string[] | undefined) ?? []), ...value.split(',')]
    case 'texts':
      return [...((before as readonly string[] | undefined) ?? []), value]
    case 'integer':
      return wholeNumber(rawName, value, Number.MAX_SAFE_INTEGER)
    case 'port':
      return wholeNumber(rawName, value, 65_535)
    default:
      throw spec.kind satisfies never
  }
}

function oneOf(rawName: string, value: string, choices: readonly string[] | undefined): string {
  if (choices === undefined || choices.includes(value)) return value
  const near = nearest(value, choices)
  throw new HawserError('USAGE', `${rawName} ${value} is not one of ${choices.join(', ')}`, {
    mend: near === undefined ? 'choose one of them' : `did you mean "${near}"?`,
  })
}

function wholeNumber(rawName: string, text: string, max: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value <= max) return value
  throw new HawserError('USAGE', `${rawName} ${text} is not a whole number`, { mend: `give one from 0 to ${max}` })
}

function unknownFlag(rawName: string, known: readonly string[]): HawserError {
  const near = nearest(rawName.replace(/^-+/, ''), known)
  return new HawserError('USAGE', `unknown flag ${rawName}`, {
    mend: near === undefined ? 'see --help' : `did you mean --${near}?`,
  })
}

export interface HelpSource {
  readonly usage: string
  readonly about: string
  readonly flags: FlagSpecs
  readonly examples: readonly CommandExample[]
}

export function helpText({ usage, about, flags, examples }: HelpSource): string {
  const flagRows = Object.entries(flags).map(([name, spec]) => [flagTitle(name, spec), spec.help] as const)
  const exampleRows = examples.map(({ command, does }) => [command, does] as const)
  const sections = [`Usage: ${usage}`, about]
  if (flagRows.length > 0) sections.push(`Flags:\n${columns(flagRows)}`)
  sections.push(`Examples:\n${columns(exampleRows)}`)
  return `${sections.join('\n\n')}\n`
}

function flagTitle(name: string, spec: FlagSpec): string {
  const value = spec.kind === 'switch' ? '' : ` ${valueTitle(spec)}`
  return `${spec.short === undefined ? '' : `-${spec.short}, `}--${name}${value}`
}

const valueTitle = (spec: FlagSpec): string => spec.value ?? spec.choices?.join('|') ?? 'VALUE'

export function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd()).join('\n')
}
