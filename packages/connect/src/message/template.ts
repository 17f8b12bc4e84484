/**
 * Templates: `plant-${topic.2}`, `${payload.machine_id|topic.3}`. Between the braces stand places, of which the first
 * that is there counts. What places there are is said by whose templates they are: `message-places.ts` for messages.
 */
import { HawserError } from '@hawser/std'
import { messagePlaces } from './message-places.ts'
import type { Place, Places } from './places.ts'
import type { RecordSource } from './source.ts'

/** Undefined where a place has no value. `adapt` changes what is put in, not what stands in the template. */
export type Template<Source = RecordSource> = (source: Source, adapt?: (value: string) => string) => string | undefined

const placeholder = /\$\{([^}]*)\}/g

/** Over a message. Throws `CONFIG_INVALID` where it is none. */
export const compileTemplate = (text: string): Template => compileTemplateOf(text, messagePlaces)

export function compileTemplateOf<Source>(text: string, places: Places<Source>): Template<Source> {
  const parts: (string | Place<Source>)[] = []
  let at = 0
  for (const match of text.matchAll(placeholder)) {
    parts.push(text.slice(at, match.index), firstOf(text, match[1] ?? '', places))
    at = match.index + match[0].length
  }
  parts.push(text.slice(at))
  if (parts.some((part) => typeof part === 'string' && part.includes('${'))) throw openPlace(text, places.mend)
  return (source, adapt = asItIs) => {
    let result = ''
    for (const part of parts) {
      if (typeof part === 'string') {
        result += part
        continue
      }
      const value = part(source)
      if (value === undefined) return undefined
      result += adapt(value)
    }
    return result
  }
}

/** The first of the places, parted by `|`, that has a value. Throws `CONFIG_INVALID` where one is none. */
export const placesOf = (alternatives: string): Place<RecordSource> =>
  firstOf(alternatives, alternatives, messagePlaces)

/** What stands in a template between its places. */
export const literalsIn = (text: string): readonly string[] =>
  text.split(placeholder).filter((_, index) => index % 2 === 0)

/** What a template names between its braces. */
export const placeNamesIn = (text: string): readonly string[] =>
  [...text.matchAll(placeholder)].flatMap(([, alternatives = '']) => alternatives.split('|').map((name) => name.trim()))

const asItIs = (value: string): string => value

function firstOf<Source>(text: string, alternatives: string, places: Places<Source>): Place<Source> {
  const found = alternatives.split('|').map((alternative) => {
    const name = alternative.trim()
    const place = places.of(name)
    if (place === undefined) throw invalid(text, `"${name}" is no place`, places.mend)
    return place
  })
  return (source) => {
    for (const place of found) {
      const value = place(source)
      if (value !== undefined) return value
    }
    return undefined
  }
}

const openPlace = (text: string, mend: string): HawserError => invalid(text, 'it has an open place', mend)

const invalid = (text: string, why: string, mend: string): HawserError =>
  new HawserError('CONFIG_INVALID', `the template "${text}" cannot be used: ${why}`, { mend })
