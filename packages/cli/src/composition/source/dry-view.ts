/** A message of a dry run, in the words of the admin model. */
import { type DryMessageView, dryRunCharactersMax } from '@hawser/admin'
import { type DryMessage, eventId } from '@hawser/connect'
import type { LogId } from '@hawser/engine'

export function dryView(logId: LogId, { message, judgement }: DryMessage): DryMessageView {
  const sent = judgement?.kind === 'passed' ? judgement.message : message
  // No character of UTF-16 takes less than a byte: what is cut off would not be shown.
  const payload = sent.payload.toString('utf8', 0, dryRunCharactersMax)
  return {
    eventId: eventId(logId, message),
    topic: sent.topic,
    outcome: judgement?.kind ?? 'passed',
    rule: judgement?.rule ?? null,
    route: sent.route ?? null,
    reason: judgement?.kind === 'failed' ? judgement.reason : null,
    payload,
    payloadBytes: sent.payload.length,
  }
}
