/** A message as a row of `hawser.raw_telemetry`. */
import type { EpochMicros } from '@hawser/std'
import type { Message } from '../../connector.ts'
import { strictJson } from '../../strict-json.ts'
import { fitsJsonb } from '../rows/fits-jsonb.ts'
import { messageTime } from './message-time.ts'

export interface RawRow {
  readonly message: Message
  readonly publishedAt: EpochMicros | null
  /** The payload goes into `json` too; the server makes it of the bytes. */
  readonly isJson: boolean
  /** Why it does not. */
  readonly reason: string | null
}

export function rawRow(message: Message): RawRow {
  const outcome = strictJson(message.payload)
  if (outcome.kind === 'refused') {
    // The detail may quote the payload, and PostgreSQL's text has no NUL.
    const reason = `${outcome.reason}: ${outcome.detail}`.replaceAll('\0', '\ufffd')
    return { message, publishedAt: null, isJson: false, reason }
  }
  const publishedAt = messageTime(outcome.value)
  if (outcome.text.includes('\\u') && !fitsJsonb(outcome.value)) {
    return { message, publishedAt, isJson: false, reason: 'not-jsonb: a character that PostgreSQL cannot store' }
  }
  return { message, publishedAt, isJson: true, reason: null }
}
