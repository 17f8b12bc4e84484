/**
 * One line of InfluxDB's line protocol. What the protocol has no way to write is refused, not changed: a line break in
 * a name, a name that ends in a backslash (it would escape what follows), a comment in place of a measurement.
 */

export type FieldValue =
  | { readonly kind: 'integer' | 'float'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }

export interface Point {
  readonly measurement: string
  readonly tags: readonly (readonly [name: string, value: string])[]
  readonly fields: readonly (readonly [name: string, value: FieldValue])[]
  /** Nanoseconds since the epoch. */
  readonly timeText: string
}

export type LineOutcome = { readonly line: string } | { readonly reason: string }

const unwritable = /[\r\n]|\\$/

export function lineOf({ measurement, tags, fields, timeText }: Point): LineOutcome {
  if (measurement === '' || measurement.startsWith('#') || unwritable.test(measurement)) {
    return { reason: `no-measurement: ${JSON.stringify(measurement)} cannot be one` }
  }
  if (fields.length === 0) return { reason: 'no-fields: the message has none of those that are wanted' }
  let line = measurement.replace(/[, ]/g, '\\$&')
  for (const [name, value] of tags) {
    if (unwritable.test(name) || unwritable.test(value)) {
      return { reason: `no-tag: ${JSON.stringify(`${name}=${value}`)} cannot be one` }
    }
    line += `,${escapeKey(name)}=${escapeKey(value)}`
  }
  const written: string[] = []
  for (const [name, value] of fields) {
    if (name === '' || unwritable.test(name)) return { reason: `no-field: ${JSON.stringify(name)} cannot be a name` }
    written.push(`${escapeKey(name)}=${valueText(value)}`)
  }
  return { line: `${line} ${written.join()} ${timeText}` }
}

const escapeKey = (text: string): string => text.replace(/[,= ]/g, '\\$&')

function valueText(value: FieldValue): string {
  switch (value.kind) {
    case 'integer':
      return `${value.text}i`
    case 'float':
      return value.text
    case 'boolean':
      return value.value ? 'true' : 'false'
    case 'string':
      return `"${value.value.replace(/["\\]/g, '\\$&')}"`
    default:
      throw value satisfies never
  }
}
