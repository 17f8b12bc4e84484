/** Fields are put before the final brace of a JSON object, and every byte that was there stays as it was. */
import type { StrictJson } from '../../strict-json.ts'

/** Undefined where the payload is no JSON object. `fields` is a JSON object of one field at least. */
export function enrich(payload: Buffer, json: StrictJson, fields: string): Buffer | undefined {
  if (json.kind !== 'json' || typeof json.value !== 'object' || json.value === null || Array.isArray(json.value)) {
    return undefined
  }
  const end = payload.lastIndexOf('}')
  const isEmpty = Object.keys(json.value).length === 0
  const added = `${isEmpty ? '' : ','}${fields.slice(1, -1)}`
  return Buffer.concat([payload.subarray(0, end), Buffer.from(added), payload.subarray(end)])
}
