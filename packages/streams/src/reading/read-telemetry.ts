/** Message → readings: which machine, when, what; and whether the record admits it. */
import type { EpochMicros } from '@hawser/std'
import { type JsonValue, readJson } from '../json/json.ts'
import { parsePath, valueAt } from '../json/path.ts'
import type { Machine } from '../specification/machine.ts'
import type { Specification } from '../specification/specification.ts'
import { parseTime } from '../time/parse-time.ts'
import { extractValues, type Lookup, lookupIn, numberText, scalarText } from './extract.ts'
import type { AsideReason, Flag, ReadOutcome, RecordSource, RefusalReason } from './types.ts'

/** A clock of a device may be this much ahead of ours. [KPI 2] */
export const futureMicrosMax = 5 * 60_000_000
/** Elements of one message that are read as readings of their own. */
export const expandedItemsMax = 10_000
const keyCharsMax = 256

/** One outcome unless the specification expands arrays. */
export function readTelemetry(
  specification: Specification,
  source: RecordSource,
  payload: Uint8Array,
): readonly ReadOutcome[] {
  const eventId = eventIdOf(source)
  const refuse = (reason: RefusalReason, detail: string): readonly ReadOutcome[] => [
    { kind: 'refused', eventId, reason, detail },
  ]
  if (source.retainedAtSubscribe === true) return refuse('retained', 'a retained value that was there before')
  const json = readJson(payload)
  if (json.kind === 'refused') return refuse(json.reason, json.detail)
  const message = json.value
  const { expand } = specification.data
  if (expand === undefined) return [readItem(specification, source, message, message, eventId, 0)]

  const items = valueAt(message, parsePath(expand))
  if (!Array.isArray(items)) return refuse('not-an-array', `nothing to expand at "${expand}"`)
  if (items.length > expandedItemsMax) {
    return refuse('too-many-items', `${items.length} elements; at most ${expandedItemsMax}`)
  }
  return items.map((item: JsonValue, index) =>
    readItem(specification, source, item, message, `${eventId}/${index}`, index),
  )
}

export const eventIdOf = ({ logId, partition, position }: RecordSource): string => `${logId}/${partition}/${position}`

function readItem(
  specification: Specification,
  source: RecordSource,
  item: JsonValue,
  message: JsonValue,
  eventId: string,
  index: number,
): ReadOutcome {
  const lookup = lookupIn(item, message)
  const key = keyOf(specification, source.topic, lookup)
  if (key === undefined) {
    return { kind: 'refused', eventId, reason: 'no-key', detail: `no machine id of 1 to ${keyCharsMax} characters` }
  }
  const machine = specification.machine(key)
  const time = timeOf(machine, lookup)
  if (typeof time === 'object') return { kind: 'refused', eventId, ...time }

  const flags: Flag[] = []
  const values = extractValues(machine, lookup, flags)
  const { partition, position, appendTime } = source
  const place = { eventId, partition, position, item: index, eventTime: time, appendTime }
  const reading = { ...place, ...values, flagged: flags.length }
  const aside = asideReason(machine, time, appendTime)
  return aside === undefined
    ? { kind: 'admitted', key, reading, flags }
    : { kind: 'aside', reason: aside, key, reading, flags }
}

function keyOf({ data }: Specification, topic: string, lookup: Lookup): string | undefined {
  const { key } = data
  switch (key.kind) {
    case 'path':
      return validKey(scalarText(lookup(parsePath(key.path))))
    case 'topic-level':
      return validKey(topic.split('/')[key.level])
    case 'constant':
      return key.value
    default:
      throw key satisfies never
  }
}

const validKey = (key: string | undefined): string | undefined =>
  key === undefined || key === '' || key.length > keyCharsMax || key.includes('\0') ? undefined : key

type TimeFault = { readonly reason: RefusalReason; readonly detail: string }

function timeOf({ definition, timePath, zone }: Machine, lookup: Lookup): EpochMicros | TimeFault {
  const { path, format, coerce } = definition.time
  const value = lookup(timePath)
  if (value === undefined || value === null) return { reason: 'no-time', detail: `nothing at "${path}"` }
  const text = format === 'iso8601' ? (typeof value === 'string' ? value : undefined) : numberText(value, coerce)
  const time = text === undefined ? undefined : parseTime(text, format, zone)
  return time ?? { reason: 'bad-time', detail: `${(text ?? typeof value).slice(0, 64)} is no ${format} time` }
}

/** Looks at the record alone, so that every engine that reads it decides alike. [KPI 2] */
export function asideReason(
  { definition }: Machine,
  eventTime: EpochMicros,
  appendTime: EpochMicros,
): AsideReason | undefined {
  if (eventTime > appendTime + futureMicrosMax) return 'future'
  const { latenessMicros } = definition
  return latenessMicros !== 'none' && eventTime < appendTime - latenessMicros ? 'late' : undefined
}
