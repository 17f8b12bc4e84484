/** A connector that posts to a URL. */
import { webhookDefaults as defaults, webhookBodies } from '@hawser/connect/webhook/defaults'
import * as z from 'zod'
import { secret, tls } from './connection.ts'
import { reader } from './reader.ts'
import { positive, setting, text } from './setting.ts'

const header = z.string().regex(/^[A-Za-z0-9-]+: [ -~]+$/, 'write it as name: value')

export const webhookConnector = z
  .strictObject({
    kind: z.literal('webhook'),
    ...reader,
    url: z.string().regex(/^https?:\/\/[^\s@]+$/, 'a URL begins with https:// or http://, without a user in it'),
    body: setting(z.enum(webhookBodies), defaults.body, 'the form of a message'),
    bridge_id: setting(text, defaults.bridgeId, 'what it calls itself as source of an event'),
    request_messages_max: setting(
      positive,
      defaults.requestMessagesMax,
      '1: each by itself; more: an array of up to so many',
    ),
    request_bytes_max: setting(
      positive,
      defaults.requestBytesMax,
      'of a body; a message that is larger by itself is a dead letter',
    ),
    in_flight_max: setting(
      positive,
      defaults.inFlightMax,
      'requests at a time; those of one topic go one after another',
    ),
    request_ms_max: setting(positive, defaults.requestMsMax, 'past it a request counts as failed'),
    secret: secret.optional().meta({ description: 'whsec_… of Standard Webhooks; none: not signed' }),
    next_secret: secret.optional().meta({ description: 'signs as well, while the receiver changes over' }),
    token: secret.optional().meta({ description: 'sent as Authorization: Bearer' }),
    headers: setting(z.array(header), [], 'further ones, each as name: value; nothing secret'),
    tls: tls.optional().meta({ description: 'for https: whom it trusts, who it is' }),
  })
  .meta({ description: 'POST to a URL, signed: docs/webhook.md' })
