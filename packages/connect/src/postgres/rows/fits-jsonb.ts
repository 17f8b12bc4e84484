/** "\u0000" and lone surrogates are valid JSON, and refused by jsonb; the first by text too. */
export const fitsText = (text: string): boolean => text.isWellFormed() && !text.includes('\0')

export function fitsJsonb(value: unknown): boolean {
  if (typeof value === 'string') return fitsText(value)
  if (value === null || typeof value !== 'object') return true
  return Object.entries(value).every(([name, member]) => fitsText(name) && fitsJsonb(member))
}
