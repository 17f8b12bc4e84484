/** SASLprep (RFC 4013): two spellings of a name or password that look alike become one. */

const plainAscii = /^[\x20-\x7e]*$/

/** Throws where it holds what SASLprep prohibits. */
export async function prepared(text: string): Promise<string> {
  // Most names need no tables of Unicode, and so they are loaded for none of them.
  if (plainAscii.test(text)) return text
  const { saslprep } = await import('@mongodb-js/saslprep')
  return saslprep(text)
}
