/** Reads CSV (RFC 4180: quotes, doubled quotes, line ends within quotes) in bounded memory, a chunk at a time. */
import { HawserError } from '@hawser/std'

export interface CsvRecord {
  /** Where it starts in the file, from 1, for messages. */
  readonly line: number
  readonly fields: readonly string[]
}

/** A record longer than this is a forgotten quote, not a record. */
const recordCharactersMax = 1_048_576

/** Yields the records of each chunk together, so that a fast reader does not wait for every single one. */
export async function* csvRecords(chunks: AsyncIterable<string>): AsyncGenerator<readonly CsvRecord[]> {
  let rest = ''
  let line = 1
  for await (const chunk of chunks) {
    const text = rest === '' && line === 1 ? chunk.replace(/^\uFEFF/, '') : rest + chunk
    const records: CsvRecord[] = []
    let start = 0
    for (const end of recordEnds(text)) {
      const record = text.slice(start, end)
      pushRecord(records, record, line)
      line += lineCount(record)
      start = end + 1
    }
    rest = text.slice(start)
    if (rest.length > recordCharactersMax) throw unreadable(line, 'a quote is never closed')
    yield records
  }
  const records: CsvRecord[] = []
  pushRecord(records, rest, line)
  yield records
}

/** The positions of the line feeds that end records: those outside of quotes. A doubled quote closes and opens. */
function* recordEnds(text: string): Generator<number> {
  let open = text.indexOf('"')
  let end = text.indexOf('\n')
  while (end !== -1) {
    if (open === -1 || open > end) {
      yield end
      end = text.indexOf('\n', end + 1)
      continue
    }
    const close = text.indexOf('"', open + 1)
    if (close === -1) return
    if (close > end) end = text.indexOf('\n', close + 1)
    open = text.indexOf('"', close + 1)
  }
}

const lineCount = (record: string): number => record.split('\n').length

function pushRecord(records: CsvRecord[], text: string, line: number): void {
  const record = text.endsWith('\r') ? text.slice(0, -1) : text
  if (record === '') return
  records.push({ line, fields: record.includes('"') ? quotedFields(record, line) : record.split(',') })
}

function quotedFields(record: string, line: number): readonly string[] {
  const fields: string[] = []
  let at = 0
  while (at <= record.length) {
    const [field, next] = record[at] === '"' ? quotedField(record, at, line) : plainField(record, at)
    fields.push(field)
    at = next
  }
  return fields
}

/** The field that starts here, and where the next one does. */
function plainField(record: string, start: number): readonly [field: string, next: number] {
  const comma = record.indexOf(',', start)
  return comma === -1 ? [record.slice(start), record.length + 1] : [record.slice(start, comma), comma + 1]
}

function quotedField(record: string, start: number, line: number): readonly [field: string, next: number] {
  let close = record.indexOf('"', start + 1)
  while (close !== -1 && record[close + 1] === '"') close = record.indexOf('"', close + 2)
  if (close === -1) throw unreadable(line, 'a quote is never closed')
  if (close + 1 < record.length && record[close + 1] !== ',') throw unreadable(line, 'text follows a closing quote')
  return [record.slice(start + 1, close).replaceAll('""', '"'), close + 2]
}

export const unreadable = (line: number, why: string): HawserError =>
  new HawserError('USAGE', `line ${line} is no CSV: ${why}`, { mend: 'correct the file' })
