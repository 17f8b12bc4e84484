import { JsonNumber, readJson, valueAt } from '@hawser/streams'
import type { StrictJson } from '../strict-json.ts'

/** A text, number or boolean in a JSON payload. */
export function payloadText(json: StrictJson, payload: Uint8Array, path: readonly string[]): string | undefined {
  const value = payloadValue(json, path)
  if (typeof value === 'string') return value
  // What a number of JavaScript cannot hold is taken from the text: two machines must not become one.
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return numberText(payload, path)
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** As JavaScript has it: a number is rounded. */
export function payloadValue(json: StrictJson, path: readonly string[]): unknown {
  if (json.kind !== 'json') return undefined
  let value = json.value
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = Reflect.get(value, name)
  }
  return value
}

/** Of a number there, as it was written. */
export function numberText(payload: Uint8Array, path: readonly string[]): string | undefined {
  const outcome = readJson(payload)
  const found = outcome.kind === 'value' ? valueAt(outcome.value, path) : undefined
  return found instanceof JsonNumber ? found.text : undefined
}
