/** The key `mqtt`: what of the protocol is offered. */
import { defaultProtocol as defaults } from '@hawser/broker'
import * as z from 'zod'
import { setting } from './setting.ts'

const yesOrNo = z.boolean()
/** Of a part of a topic name or of a client id: no wildcards, and room for what follows. */
const prefix = z
  .string()
  .max(256)
  .regex(/^[^+#]*$/, 'leave out + and #')

export const mqtt = z
  .strictObject({
    accept_versions: setting(
      z.array(z.literal([3, 4, 5])).min(1),
      defaults.acceptVersions,
      'protocol levels: 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0',
    ),
    qos_max: setting(
      z.literal([0, 1, 2]),
      defaults.qosMax,
      'a publish or will above it is refused, a subscription is granted this',
    ),
    retain_available: setting(yesOrNo, defaults.retainAvailable, 'take retained messages'),
    wildcard_subscription_available: setting(
      yesOrNo,
      defaults.wildcardSubscriptionAvailable,
      'take + and # in filters',
    ),
    shared_subscription_available: setting(
      yesOrNo,
      defaults.sharedSubscriptionAvailable,
      'take subscriptions to $share/GROUP/FILTER',
    ),
    subscription_identifiers_available: setting(
      yesOrNo,
      defaults.subscriptionIdentifiersAvailable,
      'take subscription identifiers',
    ),
    check_payload_format: setting(
      yesOrNo,
      defaults.checkPayloadFormat,
      'refuse a payload that says it is UTF-8 and is not',
    ),
    response_topic_prefix: setting(
      prefix,
      defaults.responseTopicPrefix,
      'a client that asks for response information is told this and its client id; empty: nothing',
    ),
    server_reference: setting(
      z.string(),
      defaults.serverReference,
      'the broker that clients are sent to while this one is full or shuts down; empty: none',
    ),
    server_moved: setting(yesOrNo, defaults.serverMoved, 'send every client to server_reference for good'),
    empty_client_id_allowed: setting(
      yesOrNo,
      defaults.emptyClientIdAllowed,
      'give a client without an identifier one; else refuse it',
    ),
    assigned_client_id_prefix: setting(prefix, defaults.assignedClientIdPrefix, 'in front of such identifiers'),
  })
  .meta({ description: 'what of MQTT is offered, where the specifications leave it to the server' })
