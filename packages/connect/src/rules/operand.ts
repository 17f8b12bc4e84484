/**
 * What a condition compares. What a payload says to be a number is one, read from its text however long; a text in it
 * is a number only where the condition says `coerce`. Whatever else there is, levels of a topic and properties, is
 * written as text: there a number is what JSON would take for one, so that neither `0x10` nor an empty text is.
 */
import { compareDecimals, parseDecimal } from '@hawser/streams'
import { numberText, payloadText, payloadValue } from '../message/payload-place.ts'
import type { RecordSource } from '../message/source.ts'
import { placesOf } from '../message/template.ts'
import type { Condition } from './settings.ts'

export interface Operand {
  readonly text: string
  /** Whether a number or a boolean may be compared with it. */
  readonly kind: 'text' | 'number' | 'boolean'
  /** Of a number, as it was written. */
  readonly written: () => string | undefined
}

type OperandOf = (source: RecordSource) => Operand | undefined

/** The first of the places that has a value. Throws `CONFIG_INVALID` where one is none. */
export function compileOperand({ place, coerce = false }: Condition): OperandOf {
  const alternatives = place.split('|').map((name) => operandAt(name.trim(), coerce))
  return (source) => {
    for (const operandOf of alternatives) {
      const operand = operandOf(source)
      if (operand !== undefined) return operand
    }
    return undefined
  }
}

/** Negative, 0 or positive; undefined where it is no number. `wanted` is taken as it was written too. */
export function compareNumber({ kind, text, written }: Operand, wanted: number): number | undefined {
  if (kind !== 'number') return undefined
  const difference = Math.sign(Number(text) - wanted)
  // Rounding keeps the order, so that only what rounds to the same has to be read exactly.
  if (difference !== 0) return difference
  const [exact, bound] = [parseDecimal(written() ?? text), parseDecimal(String(wanted))]
  return exact === undefined || bound === undefined ? undefined : compareDecimals(exact, bound)
}

function operandAt(name: string, coerce: boolean): OperandOf {
  const textAt = placesOf(name)
  const [head, ...path] = name.split('.')
  if (head !== 'payload') {
    return (source) => {
      const text = textAt(source)
      return text === undefined ? undefined : written(text)
    }
  }
  return ({ json, message }) => {
    const text = payloadText(json, message.payload, path)
    if (text === undefined) return undefined
    const kind = typeof payloadValue(json, path)
    if (kind === 'number') return { text, kind, written: () => numberText(message.payload, path) }
    if (kind === 'boolean') return { text, kind, written: () => text }
    return coerce ? written(text) : { text, kind: 'text', written: () => text }
  }
}

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

function written(text: string): Operand {
  const kind = jsonNumber.test(text) ? 'number' : text === 'true' || text === 'false' ? 'boolean' : 'text'
  return { text, kind, written: () => text }
}
