/** A message as a point, by templates; or the reason why it is none. */

import type { LogId } from '@hawser/engine'
import { HawserError } from '@hawser/std'
import { JsonNumber, type JsonValue, openZone, parseTime, readJson, type TimeFormat, valueAt } from '@hawser/streams'
import type { Message } from '../connector.ts'
import { RecordSource } from '../message/source.ts'
import { compileTemplate, type Template } from '../message/template.ts'
import type { NumberForm } from './defaults.ts'
import { compileField, type FieldReader } from './field.ts'
import { type FieldValue, type LineOutcome, lineOf } from './line.ts'

export interface PointOptions {
  /** Templates. */
  readonly measurement: string
  /** Each `name=TEMPLATE`; one without a value is left out. */
  readonly tags: readonly string[]
  readonly fields: readonly string[]
  readonly numbers: NumberForm
  /** Path of the time in the payload; without one the log's own is taken. */
  readonly time?: string
  readonly timeFormat: TimeFormat
}

export interface PointForm {
  readonly measurement: Template
  readonly tags: readonly (readonly [name: string, template: Template])[]
  readonly fields: readonly FieldReader[]
  readonly time: { readonly path: readonly string[]; readonly format: TimeFormat } | undefined
}

/** Throws `CONFIG_INVALID` where a template cannot be used. */
export function compilePoint({ measurement, tags, fields, numbers, time, timeFormat }: PointOptions): PointForm {
  // The server sorts them otherwise.
  const named = tags.map(tagOf).sort(([left], [right]) => (left < right ? -1 : 1))
  const taken = new Set([...named.map(([name]) => name), ...(time === undefined ? [] : [time])])
  return {
    measurement: compileTemplate(measurement),
    tags: named,
    fields: fields.map((field) => compileField(field, numbers, taken)),
    time: time === undefined ? undefined : { path: time.split('.'), format: timeFormat },
  }
}

function tagOf(text: string): readonly [string, Template] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), compileTemplate(text.slice(at + 1))]
  throw new HawserError('CONFIG_INVALID', `"${text}" is no tag`, { mend: 'write name=TEMPLATE' })
}

export function pointLine(form: PointForm, logId: LogId, message: Message): LineOutcome {
  const source = new RecordSource(logId, message)
  const outcome = readJson(message.payload)
  const json = outcome.kind === 'value' ? outcome.value : undefined
  const measurement = form.measurement(source)
  if (measurement === undefined) return { reason: 'no-measurement: the message lacks what its template names' }
  const timeText = timeOf(form, message, json)
  if (timeText === undefined) return { reason: `no-time: nothing at ${form.time?.path.join('.')} can be read as one` }
  const fields: (readonly [string, FieldValue])[] = []
  for (const read of form.fields) {
    const found = read(source, json)
    if ('reason' in found) return found
    fields.push(...found)
  }
  const tags = form.tags.flatMap(([name, template]) => {
    const value = template(source)
    return value === undefined || value === '' ? [] : [[name, value] as const]
  })
  return lineOf({ measurement, tags, fields, timeText })
}

const utc = openZone('UTC')

/**
 * Nanoseconds. Of the log's own time they are its microseconds and the last digits of the position: two messages that
 * the log took in one microsecond stay two points, and each is the same point when it is written again.
 */
function timeOf(
  { time }: PointForm,
  { ingestedAt, position }: Message,
  json: JsonValue | undefined,
): string | undefined {
  if (time === undefined) return `${ingestedAt}${String(position % 1000).padStart(3, '0')}`
  const found = json === undefined ? undefined : valueAt(json, time.path)
  const text = found instanceof JsonNumber ? found.text : found
  const micros = typeof text === 'string' ? parseTime(text, time.format, utc) : undefined
  return micros === undefined ? undefined : `${micros}000`
}
