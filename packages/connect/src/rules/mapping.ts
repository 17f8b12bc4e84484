/** Changes the fields of a JSON payload; values stay the text that they were written as, in their order. */
import type { RecordSource } from '../message/source.ts'
import { compileTemplate } from '../message/template.ts'
import { membersOf, objectText } from './members.ts'
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
    const { json } = source
    if (json.kind === 'refused') return failed(`the payload is no JSON: ${json.detail}`)
    if (!isObject(json.value)) return failed('the payload is no JSON object')
    const fields = new Map<string, string>()
    for (const [name, value] of membersOf(json.text)) {
      if (kept?.has(name) === false || removed.has(name)) continue
      const newName = newNames.get(name) ?? name
      // One of the two would be lost, and nobody has said which.
      if (fields.has(newName)) return failed(`${newName}: a field is renamed to what another is called`)
      fields.set(newName, value)
    }
    for (const { field, template } of templates) {
      const text = template(source)
      if (text === undefined) return failed(`${field}: a place of its template has no value`)
      fields.set(field, JSON.stringify(text))
    }
    return { kind: 'mapped', payload: Buffer.from(objectText(fields)) }
  }
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)
