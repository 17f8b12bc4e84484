/** Standard Webhooks 1.0: https://www.standardwebhooks.com, "Signature scheme", with HMAC-SHA-256. */
import { createHmac } from 'node:crypto'
import { HawserError } from '@hawser/std'

const prefix = 'whsec_'
/** The specification's bounds. */
const [keyBytesMin, keyBytesMax] = [24, 64]

/** Throws `CONFIG_INVALID` where it is none; it is in no message. */
export function keyOf(secret: string): Buffer {
  const encoded = secret.startsWith(prefix) ? secret.slice(prefix.length) : ''
  const key = Buffer.from(encoded, 'base64')
  const isKey = /^[A-Za-z0-9+/]+={0,2}$/.test(encoded) && key.length >= keyBytesMin && key.length <= keyBytesMax
  if (isKey) return key
  throw new HawserError('CONFIG_INVALID', 'a secret of the webhook is none of Standard Webhooks', {
    mend: `make it by: echo "${prefix}$(openssl rand -base64 32)"`,
  })
}

/** Each of the keys signs, so that the receiver can change to the next before the last is taken away. */
export function signatureHeaders(
  keys: readonly Buffer[],
  id: string,
  epochSeconds: number,
  body: Buffer,
): Readonly<Record<string, string>> {
  const signed = keys.map(
    (key) => `v1,${createHmac('sha256', key).update(`${id}.${epochSeconds}.`).update(body).digest('base64')}`,
  )
  return {
    'webhook-id': id,
    'webhook-timestamp': String(epochSeconds),
    ...(keys.length === 0 ? {} : { 'webhook-signature': signed.join(' ') }),
  }
}
