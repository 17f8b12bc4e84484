/** Checks the file's and the environment's values against the schema, and says what is wrong in the user's words. */

import { nearest } from '@hawser/std'
import type * as z from 'zod'
import type { Fault } from './fault.ts'
import { configurationSchema } from './schema.ts'

type Path = readonly PropertyKey[]

export interface Validated {
  readonly value: Readonly<Record<string, unknown>>
  readonly faults: readonly Fault[]
}

export function validate(value: unknown, whereOf: (path: Path) => string): Validated {
  const result = configurationSchema.safeParse(value ?? {})
  if (result.success) return { value: result.data, faults: [] }
  return { value: {}, faults: result.error.issues.flatMap((issue) => faultsOf(issue, value, whereOf)) }
}

function faultsOf(issue: z.core.$ZodIssue, value: unknown, whereOf: (path: Path) => string): Fault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(issue.path, key, whereOf([...issue.path, key])))
  }
  const name = dotted(issue.path)
  const mend = issue.code === 'invalid_union' ? kinds(issue.path) : allowed(issue)
  const given = valueAt(value, issue.path)
  const what = given === undefined ? `${name} is missing` : `${name} cannot be ${JSON.stringify(given)}`
  return [{ where: whereOf(issue.path), what, mend }]
}

/** Values of the key that says which of several forms is meant. */
function kinds(path: Path): string {
  const key = String(path.at(-1))
  const values = schemasAt(path).flatMap((schema) => definition(schema).values ?? [])
  return `set ${key} to ${[...new Set(values)].map((value) => JSON.stringify(value)).join(' or ')}`
}

function unknownKey(path: Path, key: string, where: string): Fault {
  const known = keysAt(path)
  const near = nearest(key, known)
  return {
    where,
    what: `unknown key "${key}"${path.length === 0 ? '' : ` in ${dotted(path)}`}`,
    mend: near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`,
  }
}

function allowed(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return `choose one of ${issue.values.join(', ')}`
    case 'too_small':
      return `it is ${issue.minimum} at least`
    case 'too_big':
      return `it is ${issue.maximum} at most`
    case 'invalid_type':
      return `give ${typeWords[issue.expected] ?? `a value of type ${issue.expected}`}`
    default:
      return issue.message
  }
}

const typeWords: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a whole number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys and values',
}

/** Keys that may stand at a path; the members of a list share the keys of all their kinds. */
function keysAt(path: Path): string[] {
  return [...new Set(schemasAt(path).flatMap((schema) => Object.keys(definition(schema).shape ?? {})))]
}

function schemasAt(path: Path): readonly unknown[] {
  let schemas: readonly unknown[] = [configurationSchema]
  for (const step of path) schemas = schemas.flatMap((schema) => innerSchemas(schema, step))
  return schemas
}

interface Definition {
  readonly innerType?: unknown
  readonly element?: unknown
  readonly options?: readonly unknown[]
  readonly shape?: Readonly<Record<string, unknown>>
  /** Of keys that are not in the shape. */
  readonly catchall?: unknown
  readonly valueType?: unknown
  readonly values?: readonly unknown[]
}

/** What lies below optional wrappers. */
function definition(schema: unknown): Definition {
  const { def } = schema as { readonly def: Definition }
  return def.innerType === undefined ? def : definition(def.innerType)
}

function innerSchemas(schema: unknown, step: PropertyKey): readonly unknown[] {
  const { shape, element, catchall, valueType } = definition(schema)
  const inner = element ?? shape?.[String(step)] ?? catchall ?? valueType
  return inner === undefined ? [] : (definition(inner).options ?? [inner])
}

const dotted = (path: Path): string => path.map(String).join('.')

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, step) => (at as Record<PropertyKey, unknown> | undefined | null)?.[step], value)
}
