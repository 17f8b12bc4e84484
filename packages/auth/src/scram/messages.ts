/** The messages of SCRAM as RFC 5802, section 7, writes them. Undefined for what is none. */

export interface ClientFirst {
  /** Sent back in the last message, so that nobody in between can have changed it. */
  readonly gs2Header: string
  readonly authorizeAs: string | undefined
  readonly username: string
  readonly nonce: string
  /** What is signed of it. */
  readonly bare: string
}

export interface ClientFinal {
  readonly channelBinding: string
  readonly nonce: string
  readonly proof: Buffer
  /** What is signed of it. */
  readonly withoutProof: string
}

const printable = '[\\x21-\\x2b\\x2d-\\x7e]'
// `p=` would bind to a TLS channel, which is not offered; `m=` is an extension that nobody has made.
const first = new RegExp(`^([ny],(?:a=([^,]+))?,)(n=([^,]+),r=(${printable}{1,256})(?:,[a-zA-Z]=[^,]+)*)$`)
const final = new RegExp(
  `^(c=([A-Za-z0-9+/=]+),r=(${printable}{1,512})(?:,[a-zA-Z]=[^,]+)*?),p=([A-Za-z0-9+/]+={0,2})$`,
)

export function parseClientFirst(text: string): ClientFirst | undefined {
  const match = first.exec(text)
  if (match === null) return undefined
  const [, gs2Header = '', authorizeAs, bare = '', name = '', nonce = ''] = match
  const username = unescaped(name)
  const other = authorizeAs === undefined ? undefined : unescaped(authorizeAs)
  if (username === undefined || (authorizeAs !== undefined && other === undefined)) return undefined
  return { gs2Header, authorizeAs: other, username, nonce, bare }
}

export function parseClientFinal(text: string): ClientFinal | undefined {
  const match = final.exec(text)
  if (match === null) return undefined
  const [, withoutProof = '', channelBinding = '', nonce = '', proof = ''] = match
  return { channelBinding, nonce, proof: Buffer.from(proof, 'base64'), withoutProof }
}

/** Commas and equal signs of a name are written as `=2C` and `=3D`. */
function unescaped(name: string): string | undefined {
  if (/=(?!2C|3D)/.test(name)) return undefined
  return name.replaceAll('=2C', ',').replaceAll('=3D', '=')
}
