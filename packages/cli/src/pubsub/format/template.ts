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

/** What stands between % and the letter: -, 0, width, precision. */
const shapePattern = /%(-?)(0?)(\d*)(?:(\.)(\d*))?/y

/** `format` as given on the command line; throws `ArgumentRefusal`. */
export function readTemplate(format: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = []
  let literal = ''
  const endLiteral = (): void => {
    if (literal !== '') parts.push({ kind: 'literal', text: fromText(literal) })
    literal = ''
  }
  const add = (part: TemplatePart): void => {
    endLiteral()
    parts.push(part)
  }
  for (let at = 0; at < format.length; at++) {
    const character = format[at] ?? ''
    if (character === '%') {
      const { part, end } = readField(format, at)
      if (part.specifier === '%') literal += '%'
      else add(part)
      at = end - 1
    } else if (character === '@') {
      const conversion = format[++at]
      if (conversion === undefined) throw incompleteField()
      if (conversion === '@') literal += '@'
      else add({ kind: 'time', conversion })
    } else if (character === '\\') {
      literal += readEscape(format[++at])
    } else literal += character
  }
  endLiteral()
  return parts
}

export function checkTemplate(format: string): void {
  readTemplate(format)
}

function readField(format: string, at: number) {
  shapePattern.lastIndex = at
  const [, minus, zero, width, point, precision] = shapePattern.exec(format) ?? []
  const end = shapePattern.lastIndex
  const specifier = format[end]
  if (specifier === undefined) throw incompleteField()
  if (!specifiers.some((known) => known === specifier))
    throw new ArgumentRefusal(`Error: Invalid format specifier '${specifier}'.`)
  const shape: FieldShape = {
    left: minus === '-',
    zeros: zero === '0',
    width: Number(width),
    precision: point === undefined ? undefined : Number(precision),
  }
  return { part: { kind: 'field', specifier, shape } as const, end: end + 1 }
}

function readEscape(letter: string | undefined): string {
  if (letter === undefined) throw new ArgumentRefusal('Error: Incomplete escape specifier.')
  const character = escapes[letter]
  if (character === undefined) throw new ArgumentRefusal(`Error: Invalid escape specifier '${letter}'.`)
  return character
}

const incompleteField = (): ArgumentRefusal => new ArgumentRefusal('Error: Incomplete format specifier.')
