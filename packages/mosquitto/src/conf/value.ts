/** The value of an option out of what stands behind its name. */
import type { Argument } from '../options/option.ts'
import type { ConfValue } from './conf.ts'

export type ReadValue =
  | { readonly kind: 'value'; readonly value: ConfValue /** What a verdict asks about. */; readonly judged: ConfValue }
  | { readonly kind: 'fault'; readonly what: string; readonly mend: string }

const secondsOf: Readonly<Record<string, number>> = {
  s: 1,
  h: 3_600,
  d: 86_400,
  w: 7 * 86_400,
  m: 30 * 86_400,
  y: 365 * 86_400,
}

const textBytesMax = 65_535

export function readValue(argument: Argument, rest: string): ReadValue {
  if (argument.kind === 'unread') return found(rest)
  const first = rest.split(' ', 1)[0] ?? ''
  if (first === '') return fault('has no value', 'write one behind it')
  switch (argument.kind) {
    case 'boolean':
      return booleanOf(first)
    case 'integer':
      return integerOf(first, argument.min, argument.max)
    case 'word':
      return argument.choices === undefined ? found(first) : choiceOf(first, first, argument.choices)
    case 'text':
      return Buffer.byteLength(rest) > textBytesMax
        ? fault('is too long', `${textBytesMax} bytes at most`)
        : found(rest)
    case 'choice':
      return choiceOf(first, argument.followed.includes(first) ? rest : first, argument.choices)
    case 'duration':
      return durationOf(first)
    default:
      throw argument satisfies never
  }
}

const found = (value: ConfValue, judged: ConfValue = value): ReadValue => ({ kind: 'value', value, judged })
const fault = (what: string, mend: string): ReadValue => ({ kind: 'fault', what, mend })

function booleanOf(word: string): ReadValue {
  if (word === 'true' || word === '1') return found(true)
  if (word === 'false' || word === '0') return found(false)
  return fault(`is neither true nor false: ${word}`, 'write true or false')
}

function integerOf(word: string, min: number, max: number): ReadValue {
  // 2.0 reads 010 as ten and 2.1 as eight, 0x10 as nothing and as sixteen: what means two things is not guessed.
  if (!/^-?(0|[1-9]\d*)$/.test(word)) return fault(`is no whole number: ${word}`, 'write decimal digits alone')
  const value = Number(word)
  if (value >= min && value <= max) return found(value)
  return fault(`is out of range: ${word}`, `write a number from ${min} to ${max}`)
}

function choiceOf(word: string, value: string, choices: readonly string[]): ReadValue {
  return choices.includes(word)
    ? found(value, word)
    : fault(`is not one of ${choices.join(', ')}: ${word}`, 'choose one of them')
}

function durationOf(word: string): ReadValue {
  const [, digits, unit] = /^(\d+)([shdwmy])$/.exec(word) ?? []
  const seconds = Number(digits) * (secondsOf[unit ?? ''] ?? 0)
  return seconds > 0 ? found(seconds) : fault(`is no duration: ${word}`, 'write a number and h, d, w, m or y: 14d')
}
