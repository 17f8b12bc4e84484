/**
 * Output is bytes: topics and payloads need not be text, and widths count bytes. It is put together in strings of one
 * character a byte ("binary text", Node's latin1), which print as they came.
 */

declare const binary: unique symbol
export type BinaryText = string & { readonly [binary]: true }

export const fromText = (text: string): BinaryText => Buffer.from(text, 'utf8').toString('latin1') as BinaryText
export const fromBytes = (bytes: Buffer): BinaryText => bytes.toString('latin1') as BinaryText
export const toBytes = (text: string): Buffer => Buffer.from(text, 'latin1')

/** What C's string functions see of it. */
export function untilNull(text: string): string {
  const end = text.indexOf('\0')
  return end === -1 ? text : text.slice(0, end)
}
