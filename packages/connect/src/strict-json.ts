/**
 * Whether a payload is strict JSON within the bounds, as `readJson` says, without keeping the text of its numbers:
 * that costs several times as much, and rows and lines keep the payload's own bytes.
 */
import { isUtf8 } from 'node:buffer'
import { type JsonRefusal, jsonBytesMax, jsonDepthMax, readJson } from '@hawser/streams'

export type StrictJson =
  | { readonly kind: 'json'; readonly text: string; readonly value: unknown }
  | { readonly kind: 'refused'; readonly reason: JsonRefusal; readonly detail: string }

export function strictJson(payload: Buffer): StrictJson {
  const fast = parsed(payload)
  if (fast !== undefined) return fast
  const outcome = readJson(payload)
  if (outcome.kind === 'refused') return outcome
  return { kind: 'json', text: payload.toString('utf8'), value: outcome.value }
}

function parsed(payload: Buffer): StrictJson | undefined {
  if (payload.length > jsonBytesMax || !isUtf8(payload)) return undefined
  const text = payload.toString()
  try {
    const value: unknown = JSON.parse(text)
    return isDeeper(value, jsonDepthMax) ? undefined : { kind: 'json', text, value }
  } catch {
    return undefined
  }
}

function isDeeper(value: unknown, depthMax: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depthMax === 0) return true
  for (const member of Object.values(value)) if (isDeeper(member, depthMax - 1)) return true
  return false
}
