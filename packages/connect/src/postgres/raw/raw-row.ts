/** A message as a row of `hawser.raw_telemetry`. */
import type { EpochMicros } from '@hawser/std'
import { type JsonValue, readJson } from '@hawser/streams'
import type { Message } from '../../connector.ts'
import { messageTime } from './message-time.ts'

export interface RawRow {
  readonly message: Message
  readonly publishedAt: EpochMicros | null
  /** The payload's own text, for jsonb. */
  readonly json: string | null
  /** Why there is no json. */
  readonly reason: string | null
}

export function rawRow(message: Message): RawRow {
  const outcome = readJson(message.payload)
  if (outcome.kind === 'refused') {
    // The detail may quote the payload, and PostgreSQL's text has no NUL.
    const reason = `${outcome.reason}: ${outcome.detail}`.replaceAll('\0', '\ufffd')
    return { message, publishedAt: null, json: null, reason }
  }
  const publishedAt = messageTime(outcome.value) ?? null
  const text = message.payload.toString('utf8')
  // "\u0000" and lone surrogates are valid JSON, and refused by jsonb.
  if (text.includes('\\u') && !fitsJsonb(outcome.value)) {
    return { message, publishedAt, json: null, reason: 'not-jsonb: a character that PostgreSQL cannot store' }
  }
  return { message, publishedAt, json: text, reason: null }
}

function fitsJsonb(value: JsonValue): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0')
  if (value === null || typeof value !== 'object') return true
  return Object.entries(value).every(([name, member]) => fitsJsonb(name) && fitsJsonb(member))
}
