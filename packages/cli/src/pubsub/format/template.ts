/** The format language of -F, read into parts once; `print-message.ts` prints each message by them. */
import { ArgumentRefusal } from '../refusal.ts'
import { fromText } from './bytes.ts'
import type { FieldShape } from './field.ts'

const specifiers = ['%', ...'ACDEFIlmPpqRrStjJUxX'] as const
export type Specifier = string

export type TemplatePart =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'field'; readonly specifier: Specifier; readonly shape: FieldShape }
  | { readonly kind: 'time'; readonly conversion: string }

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\',
  '0': '\0',
  a: '\x07',
  e: '\x1b',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/** -, 0, width, precision, then the letter. */
const fieldPattern = /%(-?)(0?)(\d*)(?:(\.)(\d*))?(.)/sy

/** `format` as given on the command line; throws `ArgumentRefusal`. */
export function readTemplate(format: string): readonly TemplatePart[] {
  const source = fromText(format)
  const parts: TemplatePart[] = []
  let literal = ''
  const add = (part: TemplatePart): void => {
    if (literal !== '') parts.push({ kind: 'literal', text: literal })
    literal = ''
    parts.push(part)
  }
  for (let at = 0; at < source.length; at++) {
    const character = source[at] ?? ''
    if (character === '%') {
      const { part, end } = readField(source, at)
      if (part.specifier === '%') literal += '%'
      else add(part)
      at = end - 1
    } else if (character === '@') {
      const conversion = source[++at]
      if (conversion === undefined) throw incompleteField()
      if (conversion === '@') literal += '@'
      else add({ kind: 'time', conversion })
    } else if (character === '\\') {
      literal += readEscape(source[++at])
    } else literal += character
  }
  if (literal !== '') parts.push({ kind: 'literal', text: literal })
  return parts
}

export function checkTemplate(format: string): void {
  readTemplate(format)
}

function readField(source: string, at: number) {
  fieldPattern.lastIndex = at
  const match = fieldPattern.exec(source)
  if (match === null) throw incompleteField()
  const [, minus, zero, width, point, precision, specifier = ''] = match
  if (!specifiers.some((known) => known === specifier))
    throw new ArgumentRefusal(`Error: Invalid format specifier '${specifier}'.`)
  const shape: FieldShape = {
    left: minus === '-',
    zeros: zero === '0',
    width: Number(width),
    precision: point === undefined ? undefined : Number(precision),
  }
  return { part: { kind: 'field', specifier, shape } as const, end: fieldPattern.lastIndex }
}

function readEscape(letter: string | undefined): string {
  if (letter === undefined) throw new ArgumentRefusal('Error: Incomplete escape specifier.')
  const character = escapes[letter]
  if (character === undefined) throw new ArgumentRefusal(`Error: Invalid escape specifier '${letter}'.`)
  return character
}

const incompleteField = (): ArgumentRefusal => new ArgumentRefusal('Error: Incomplete format specifier.')
