/** What Tahu's own code has encoded: `make-payloads.py` says how. */
import { readFileSync } from 'node:fs'

const encoded: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL('./payloads.json', import.meta.url), 'utf8'),
)

export function tahuPayload(name: string): Buffer {
  const hex = encoded[name]
  if (hex === undefined) throw new Error(`Tahu has not encoded ${name}`)
  return Buffer.from(hex, 'hex')
}
