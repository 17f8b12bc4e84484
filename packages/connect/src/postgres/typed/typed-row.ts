/** A message as the row of a table that a specification made. */
import { JsonNumber, type JsonValue, parsePath, readJson, valueAt } from '@hawser/streams'
import type { Message } from '../../connector.ts'
import { strictJson } from '../../strict-json.ts'
import { fitsJsonb } from '../rows/fits-jsonb.ts'
import { type CellReader, cellReader } from './cell.ts'
import type { TableDefinition } from './definition.ts'

/** What of the payload goes into `rest`, which the server takes from the bytes: so it is what was sent. */
export const restNone = 0
/** All members but those that are columns. */
export const restMembers = 1
export const restWhole = 2

export interface TypedRow {
  readonly message: Message
  /** In the order of the definition's columns. */
  readonly cells: readonly (string | null)[]
  readonly rest: typeof restNone | typeof restMembers | typeof restWhole
  /** Why the payload is not in columns, or not in `rest`. */
  readonly reason: string | null
  /** `column:reason`, parted by blanks. */
  readonly flags: string | null
}

interface ColumnReader {
  readonly name: string
  readonly path: readonly string[] | undefined
  readonly level: number
  readonly read: CellReader
}

/** Members of the payload that are columns whole. */
export const memberColumns = ({ columns }: TableDefinition): string[] =>
  columns.flatMap(({ path }) => {
    const [member, ...within] = path === undefined ? [] : parsePath(path)
    return member === undefined || within.length > 0 ? [] : [member]
  })

export function typedRowReader(definition: TableDefinition): (message: Message) => TypedRow {
  const readers = definition.columns.map(
    (column): ColumnReader => ({
      name: column.name,
      path: column.path === undefined ? undefined : parsePath(column.path),
      level: column.topicLevel ?? 0,
      read: cellReader(column),
    }),
  )
  const members = new Set(memberColumns(definition))
  const wantsText = definition.columns.some(({ type }) => type === 'numeric')
  const hasWhole = readers.some(({ path }) => path?.length === 0)
  return (message) => {
    const payload = readPayload(message.payload, wantsText)
    const levels = message.topic.split('/')
    let flags: string | null = null
    const cells = readers.map(({ name, path, level, read }) => {
      const value = path === undefined ? levels[level] : 'value' in payload ? valueAt(payload.value, path) : undefined
      const { text, flag } = read(value)
      if (flag !== undefined) flags = flags === null ? `${name}:${flag}` : `${flags} ${name}:${flag}`
      return text
    })
    if ('reason' in payload) return { message, cells, rest: restNone, reason: payload.reason, flags }
    const rest = restOf(payload.value, members, hasWhole)
    if (rest !== restNone && payload.text.includes('\\u') && !fitsJsonb(payload.value)) {
      return { message, cells, rest: restNone, reason: 'not-jsonb: a character that PostgreSQL cannot store', flags }
    }
    return { message, cells, rest, reason: null, flags }
  }
}

function restOf(value: JsonValue, members: ReadonlySet<string>, hasWhole: boolean): TypedRow['rest'] {
  const isObject =
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)
  if (!isObject) return hasWhole || value === null ? restNone : restWhole
  for (const member of Object.keys(value)) if (!members.has(member)) return restMembers
  return restNone
}

type Payload = { readonly value: JsonValue; readonly text: string } | { readonly reason: string }

/** Up to 15 digits a decimal number and its double are each other's exact names; past it, and with exponents, the text is read. */
const inexact = /\d[\d.]{15}|\d[eE]/

function readPayload(payload: Buffer, wantsText: boolean): Payload {
  const fast = strictJson(payload)
  if (fast.kind === 'refused') {
    // The detail may quote the payload, and PostgreSQL's text has no NUL.
    return { reason: `${fast.reason}: ${fast.detail}`.replaceAll('\0', '\ufffd') }
  }
  const { text } = fast
  // Numbers are doubles in it, which the readers of cells know.
  if (!wantsText && !inexact.test(text)) return { value: fast.value as JsonValue, text }
  const exact = readJson(payload)
  return exact.kind === 'refused' ? { reason: `${exact.reason}: ${exact.detail}` } : { value: exact.value, text }
}
