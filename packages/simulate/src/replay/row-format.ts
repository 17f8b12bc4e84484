/**
 * From the fields of a row to its message: a JSON object of the columns in the order of the file. A field that is a
 * JSON number stays the text that it is in the file (74.93588199999998, 5.0); an empty one is null; the rest are
 * strings.
 */
import { type EpochMicros, epochMicros, HawserError } from '@hawser/std'
import { type CsvRecord, unreadable } from './csv.ts'

export interface RowFormatOptions {
  /** Publish only these. */
  readonly columns?: readonly string[]
  readonly timeColumn?: string
}

export interface Row {
  readonly payload: string
  /** Only where a time column is named. */
  readonly at: EpochMicros | undefined
}

/** The name for a first column that the header has none for, as R writes its row names. */
export const unnamedFirstColumn = 'row'

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

export class RowFormat {
  readonly #header: readonly string[]
  readonly #options: RowFormatOptions
  #layout: Layout | undefined

  constructor(header: CsvRecord, options: RowFormatOptions) {
    this.#header = header.fields.map((name) => name.trim())
    this.#options = options
  }

  row(record: CsvRecord): Row {
    this.#layout ??= layoutOf(this.#header, record, this.#options)
    const { fieldCount, columns, timeIndex } = this.#layout
    if (record.fields.length !== fieldCount) {
      throw unreadable(record.line, `it has ${record.fields.length} fields instead of ${fieldCount}`)
    }
    let members = ''
    for (const { index, key } of columns) members += `${key}${jsonValue(record.fields[index] ?? '')}`
    return {
      payload: `{${members.slice(1)}}`,
      at: timeIndex === undefined ? undefined : timeOf(record.fields[timeIndex] ?? '', record.line),
    }
  }
}

interface Layout {
  readonly fieldCount: number
  readonly columns: readonly { readonly index: number; readonly key: string }[]
  readonly timeIndex: number | undefined
}

/** Decided by the first row: only there shows whether the header leaves the first column without a name. */
function layoutOf(header: readonly string[], first: CsvRecord, options: RowFormatOptions): Layout {
  const names = first.fields.length === header.length + 1 ? [unnamedFirstColumn, ...header] : [...header]
  if (names[0] === '') names[0] = unnamedFirstColumn
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw unreadable(1, `two columns are called "${twice}"`)
  const indexOf = (name: string): number => {
    const index = names.indexOf(name)
    if (index !== -1) return index
    throw new HawserError('USAGE', `the file has no column "${name}"`, { mend: `it has ${names.join(', ')}` })
  }
  return {
    fieldCount: names.length,
    columns: (options.columns ?? names).map((name) => ({ index: indexOf(name), key: `,${JSON.stringify(name)}:` })),
    timeIndex: options.timeColumn === undefined ? undefined : indexOf(options.timeColumn),
  }
}

function jsonValue(field: string): string {
  if (field === '') return 'null'
  return jsonNumber.test(field) ? field : JSON.stringify(field)
}

const dateAndTime = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?$/

/** Unix seconds, or date and time; without a zone it is UTC. Only differences matter here: milliseconds will do. */
function timeOf(text: string, line: number): EpochMicros {
  const [, date, time, zone = 'Z'] = dateAndTime.exec(text.trim()) ?? []
  const ms = jsonNumber.test(text) ? Number(text) * 1000 : Date.parse(`${date}T${time}${zone}`)
  if (Number.isNaN(ms)) throw unreadable(line, `"${text}" is no time`)
  return epochMicros(ms * 1000)
}
