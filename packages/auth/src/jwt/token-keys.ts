/** Where the key of a token comes from. */
import { createPublicKey } from 'node:crypto'
import { HawserError } from '@hawser/std'
import type { CryptoKey, JWK, JWSHeaderParameters, KeyObject } from 'jose'

export type TokenKey = CryptoKey | JWK | KeyObject | Uint8Array

export interface TokenKeys {
  /** Which algorithms such keys are for: a public key is never taken for a secret. */
  readonly family: 'secret' | 'public'
  /** Rejects with `KeysUnavailable` where nobody can say now; otherwise where there is no such key. */
  find(header: JWSHeaderParameters): Promise<TokenKey>
}

export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable'
}

export const algorithmsOf = {
  secret: ['HS256', 'HS384', 'HS512'],
  public: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
} as const

const secretBytesMin = 32

export function secretKeys(secret: Uint8Array): TokenKeys {
  // RFC 7518, section 3.2: as long as the hash at least, or it can be guessed from one token.
  if (secret.length < secretBytesMin) {
    throw new HawserError('CONFIG_INVALID', `the secret of JWT is shorter than ${secretBytesMin} bytes`, {
      mend: 'make a longer one: openssl rand -hex 32',
    })
  }
  return { family: 'secret', find: async () => secret }
}

export function publicKeyOf(pem: string): TokenKeys {
  if (pem.includes('PRIVATE KEY')) {
    throw new HawserError('CONFIG_INVALID', 'the key of JWT is a private one', {
      mend: 'give the public key: openssl pkey -in KEY -pubout',
    })
  }
  try {
    const key = createPublicKey(pem)
    return { family: 'public', find: async () => key }
  } catch (cause) {
    throw new HawserError('CONFIG_INVALID', 'the public key of JWT is no PEM', { mend: 'give a PUBLIC KEY', cause })
  }
}

/** Keys that are read again: `current` says which count now. */
export const changingKeys = (family: TokenKeys['family'], current: () => TokenKeys): TokenKeys => ({
  family,
  find: (header) => current().find(header),
})
