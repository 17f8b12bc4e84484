/**
 * Templates over a message: `plant-${topic.2}`, `${payload.machine_id|topic.3}`. Between the braces stand places, of
 * which the first that is there counts:
 *
 *   topic            the MQTT topic          topic.N      its level N, from 1 on
 *   payload.A.B      a text, number or boolean in a JSON payload
 *   client_id        of the publisher        property.N   a user property of MQTT 5, the first of its name
 *   event_id         the name of the record in the log
 *   qos, retain      as published: 0, 1, 2; true, false
 *   route            where a rule of the connector sends it
 */
import { HawserError } from '@hawser/std'
import { JsonNumber, readJson, valueAt } from '@hawser/streams'
import type { RecordSource } from './source.ts'

/** Undefined where a place has no value. `adapt` changes what is put in, not what stands in the template. */
export type Template = (source: RecordSource, adapt?: (value: string) => string) => string | undefined

/** A value that a message may have. */
export type Place = (source: RecordSource) => string | undefined

const placeholder = /\$\{([^}]*)\}/g

/** Throws `CONFIG_INVALID` where it is none. */
export function compileTemplate(text: string): Template {
  const parts: (string | Place)[] = []
  let at = 0
  for (const match of text.matchAll(placeholder)) {
    parts.push(text.slice(at, match.index), placesOf(text, match[1] ?? ''))
    at = match.index + match[0].length
  }
  parts.push(text.slice(at))
  if (literalsOf(parts).some((literal) => literal.includes('${'))) throw invalid(text, 'it has an open place')
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

/** What stands in a template between its places. */
export const literalsIn = (text: string): readonly string[] =>
  text.split(placeholder).filter((_, index) => index % 2 === 0)

const asItIs = (value: string): string => value
const literalsOf = (parts: readonly (string | Place)[]): string[] => parts.filter((part) => typeof part === 'string')

/** The first of the places, parted by `|`, that has a value. Throws `CONFIG_INVALID`, naming `text`, where one is none. */
export function placesOf(text: string, alternatives: string): Place {
  const places = alternatives.split('|').map((name) => placeOf(text, name.trim()))
  return (source) => {
    for (const place of places) {
      const value = place(source)
      if (value !== undefined) return value
    }
    return undefined
  }
}

function placeOf(text: string, name: string): Place {
  const dot = name.indexOf('.')
  const [head, rest] = dot < 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot + 1)]
  if (name === 'topic') return ({ message }) => message.topic
  if (name === 'event_id') return ({ eventId }) => eventId
  if (name === 'qos') return ({ message }) => String(message.qos)
  if (name === 'retain') return ({ message }) => String(message.retain)
  if (name === 'route') return ({ message }) => message.route
  if (name === 'client_id') return ({ message }) => message.clientId
  if (head === 'topic' && /^[1-9]\d*$/.test(rest)) return ({ levels }) => levels[Number(rest) - 1]
  if (head === 'payload' && rest !== '') return payloadPlace(rest.split('.'))
  if (head === 'property' && rest !== '') {
    return ({ properties }) => properties.userProperties?.find(([found]) => found === rest)?.[1]
  }
  throw invalid(text, `"${name}" is no place`)
}

function payloadPlace(path: readonly string[]): Place {
  return ({ json, message }) => {
    if (json.kind !== 'json') return undefined
    let value = json.value
    for (const name of path) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
      value = Reflect.get(value, name)
    }
    if (typeof value === 'string') return value
    // What a number of JavaScript cannot hold is taken from the text: two machines must not become one.
    if (typeof value === 'number' && !Number.isSafeInteger(value)) return numberText(message.payload, path)
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
  }
}

function numberText(payload: Buffer, path: readonly string[]): string | undefined {
  const outcome = readJson(payload)
  const found = outcome.kind === 'value' ? valueAt(outcome.value, path) : undefined
  return found instanceof JsonNumber ? found.text : undefined
}

const invalid = (text: string, why: string): HawserError =>
  new HawserError('CONFIG_INVALID', `the template "${text}" cannot be used: ${why}`, {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the template's own form
    mend: 'places are ${topic}, ${topic.N}, ${payload.FIELD}, ${client_id}, ${event_id}, ${qos}, ${retain}, ${route} and ${property.NAME}, alternatives parted by |',
  })
