import { JsonNumber, type JsonValue } from './json.ts'

/** Keys from the outside in. */
export type JsonPath = readonly string[]

/**
 * `a.b.0`, or a JSON Pointer [RFC 6901] where it starts with a slash, for keys with dots; '' is the whole value.
 */
export function parsePath(text: string): JsonPath {
  if (text === '') return []
  if (!text.startsWith('/')) return text.split('.')
  return text
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** undefined where nothing is there. Inherited properties such as `constructor` are nothing. */
export function valueAt(value: JsonValue, path: JsonPath): JsonValue | undefined {
  let found: JsonValue | undefined = value
  for (const key of path) {
    if (typeof found !== 'object' || found === null || found instanceof JsonNumber) return undefined
    // An array has a `length` of its own, which is no data.
    if (!Object.hasOwn(found, key) || (Array.isArray(found) && key === 'length')) return undefined
    found = (found as { readonly [key: string]: JsonValue })[key]
  }
  return found
}
