/** Changes the fields of a JSON payload; numbers stay the text that they were written as. */
import { JsonNumber, type JsonObject, type JsonValue, readJson } from '@hawser/streams'
import type { RecordSource } from '../message/source.ts'
import { compileTemplate } from '../message/template.ts'
import type { RuleSettings } from './settings.ts'

export type Mapped =
  | { readonly kind: 'mapped'; readonly payload: Buffer }
  | { readonly kind: 'failed'; readonly reason: string }
export type Mapping = (source: RecordSource) => Mapped

const failed = (reason: string): Mapped => ({ kind: 'failed', reason })

/** Undefined where the payload stays as it is. Throws `CONFIG_INVALID` where a template is none. */
export function compileMapping({ keep, remove = [], rename = [], set = [] }: RuleSettings): Mapping | undefined {
  if (keep === undefined && remove.length + rename.length + set.length === 0) return undefined
  const kept = keep && new Set(keep)
  const removed = new Set(remove)
  const newNames = new Map(rename.map(({ field, to }) => [field, to]))
  const templates = set.map(({ field, to }) => ({ field, template: compileTemplate(to) }))
  return (source) => {
    const outcome = readJson(source.message.payload)
    if (outcome.kind === 'refused') return failed(`the payload is no JSON: ${outcome.detail}`)
    const { value } = outcome
    if (!isObject(value)) return failed('the payload is no JSON object')
    const fields = new Map<string, JsonValue>()
    for (const [name, field] of Object.entries(value)) {
      if (kept?.has(name) !== false && !removed.has(name)) fields.set(newNames.get(name) ?? name, field)
    }
    for (const { field, template } of templates) {
      const text = template(source)
      if (text === undefined) return failed(`${field}: a place of its template has no value`)
      fields.set(field, text)
    }
    return { kind: 'mapped', payload: Buffer.from(objectText(fields)) }
  }
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)

const objectText = (fields: Iterable<readonly [string, JsonValue]>): string =>
  `{${Array.from(fields, ([name, value]) => `${JSON.stringify(name)}:${jsonText(value)}`).join(',')}}`

function jsonText(value: JsonValue): string {
  if (value instanceof JsonNumber) return value.text
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`
  return isObject(value) ? objectText(Object.entries(value)) : JSON.stringify(value)
}
