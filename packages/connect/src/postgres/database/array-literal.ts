/** PostgreSQL's text form of arrays, for `unnest($1::text::type[])`: the same for every driver. */

export const numberArray = (values: readonly (number | bigint | null)[]): string => `{${values.map(orNull).join(',')}}`
export const booleanArray = (values: readonly boolean[]): string =>
  `{${values.map((value) => (value ? 't' : 'f')).join(',')}}`
export const textArray = (values: readonly (string | null)[]): string => `{${values.map(quotedOrNull).join(',')}}`
/** Of texts that are numbers, `t` or `f`: nothing in them is to be quoted. */
export const plainArray = (values: readonly (string | null)[]): string =>
  `{${values.map((value) => value ?? 'NULL').join(',')}}`
/** Bytes in hex. */
export const byteaArray = (values: readonly Buffer[]): string =>
  `{${values.map((value) => `"\\\\x${value.toString('hex')}"`).join(',')}}`

const orNull = (value: number | bigint | null): string => (value === null ? 'NULL' : String(value))
const quotedOrNull = (value: string | null): string => (value === null ? 'NULL' : `"${escaped(value)}"`)
/** Most have nothing to escape: looking first takes a third of the time. */
const escaped = (value: string): string =>
  value.includes('"') || value.includes('\\') ? value.replace(/["\\]/g, '\\$&') : value
