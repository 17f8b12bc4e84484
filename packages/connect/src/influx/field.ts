/**
 * Which fields a point has. Written as one of
 *
 *   *                      each text, number and boolean of a JSON object, those within named by their path: `motor.rpm`
 *   rpm=${payload.a.rpm}   one of them, with the type that it has in JSON
 *   rpm:float=${…}         any template, as integer, float, boolean or string
 */
import { HawserError } from '@hawser/std'
import { JsonNumber, type JsonObject, type JsonValue, valueAt } from '@hawser/streams'
import type { RecordSource } from '../message/source.ts'
import { compileTemplate } from '../message/template.ts'
import type { NumberForm } from './defaults.ts'
import type { FieldValue } from './line.ts'

export type Fields = readonly (readonly [name: string, value: FieldValue])[]
/** `json` is undefined where the payload is none. */
export type FieldReader = (source: RecordSource, json: JsonValue | undefined) => Fields | { readonly reason: string }

type FieldType = 'integer' | 'float' | 'boolean' | 'string'
type Converted = FieldValue | 'absent' | { readonly reason: string }

const written = /^(?<name>[^:=]+)(?::(?<type>integer|float|boolean|string))?=(?<template>.+)$/
const onePlace = /^\$\{payload\.(?<path>[^}|]+)\}$/

/** Throws `CONFIG_INVALID` where it is none. */
export function compileField(text: string, numbers: NumberForm, exceptNames: ReadonlySet<string>): FieldReader {
  if (text === '*') return everyField(numbers, exceptNames)
  const { name, type, template = '' } = written.exec(text)?.groups ?? {}
  if (name === undefined) {
    throw new HawserError('CONFIG_INVALID', `"${text}" is no field`, {
      mend: 'write *, name=TEMPLATE or name:type=TEMPLATE',
    })
  }
  const single = (converted: Converted): ReturnType<FieldReader> => {
    if (converted === 'absent') return []
    return 'reason' in converted ? { reason: `${converted.reason} in ${name}` } : [[name, converted]]
  }
  const path = onePlace.exec(template)?.groups?.['path']?.split('.')
  if (path !== undefined && type === undefined) {
    return (_, json) => single(json === undefined ? 'absent' : asItIs(valueAt(json, path), numbers))
  }
  const compiled = compileTemplate(template)
  return (source) => {
    const value = compiled(source)
    return single(value === undefined ? 'absent' : asType(value, (type ?? 'string') as FieldType))
  }
}

function everyField(numbers: NumberForm, exceptNames: ReadonlySet<string>): FieldReader {
  return (_, json) => {
    const fields: [string, FieldValue][] = []
    if (!isObject(json)) return fields
    for (const [name, value] of scalarsIn(json, '')) {
      if (exceptNames.has(name)) continue
      const converted = asItIs(value, numbers)
      if (converted === 'absent') continue
      if ('reason' in converted) return { reason: `${converted.reason} in ${name}` }
      fields.push([name, converted])
    }
    return fields
  }
}

function* scalarsIn(object: JsonObject, prefix: string): Generator<readonly [string, JsonValue]> {
  for (const [key, value] of Object.entries(object)) {
    if (isObject(value)) yield* scalarsIn(value, `${prefix}${key}.`)
    else yield [`${prefix}${key}`, value]
  }
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)

/** null and arrays are no values. */
function asItIs(value: JsonValue | undefined, numbers: NumberForm): Converted {
  if (typeof value === 'string') return { kind: 'string', value }
  if (typeof value === 'boolean') return { kind: 'boolean', value }
  if (!(value instanceof JsonNumber)) return 'absent'
  return asType(value.text, numbers === 'typed' && isInteger(value.text) ? 'integer' : 'float')
}

const isInteger = (text: string): boolean => /^-?\d+$/.test(text)
const [integerMin, integerMax] = [-(2n ** 63n), 2n ** 63n - 1n]

function asType(text: string, type: FieldType): Converted {
  switch (type) {
    case 'string':
      return { kind: 'string', value: text }
    case 'boolean':
      if (text === 'true' || text === 'false') return { kind: 'boolean', value: text === 'true' }
      return { reason: `not-a-boolean: ${shown(text)}` }
    case 'integer':
      if (!isInteger(text)) return { reason: `not-an-integer: ${shown(text)}` }
      if (BigInt(text) < integerMin || BigInt(text) > integerMax) return { reason: `past-64-bits: ${shown(text)}` }
      return { kind: 'integer', text }
    case 'float':
      if (!/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(text) || !Number.isFinite(Number(text))) {
        return { reason: `not-a-number: ${shown(text)}` }
      }
      if (isInteger(text) && BigInt(Number(text)) !== BigInt(text)) return { reason: `not-exact: ${shown(text)}` }
      return { kind: 'float', text }
    default:
      throw type satisfies never
  }
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 40))
