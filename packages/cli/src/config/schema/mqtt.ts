/** The keys `mqtt` and `listeners.NAME.mqtt`: what of the protocol is offered. */
import { defaultProtocol, type ProtocolOptions } from '@hawser/broker'
import * as z from 'zod'
import { setting } from './setting.ts'

const yesOrNo = z.boolean()
/** Of a part of a topic name or of a client id: no wildcards, and room for what follows. */
const prefix = z
  .string()
  .max(256)
  .regex(/^[^+#]*$/, 'leave out + and #')

const keys = (shown: Partial<ProtocolOptions>) => ({
  accept_versions: setting(
    z.array(z.literal([3, 4, 5])).min(1),
    shown.acceptVersions,
    'protocol levels: 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0',
  ),
  qos_max: setting(
    z.literal([0, 1, 2]),
    shown.qosMax,
    'a publish or will above it is refused, a subscription is granted this',
  ),
  retain_available: setting(yesOrNo, shown.retainAvailable, 'take retained messages'),
  wildcard_subscription_available: setting(yesOrNo, shown.wildcardSubscriptionAvailable, 'take + and # in filters'),
  shared_subscription_available: setting(
    yesOrNo,
    shown.sharedSubscriptionAvailable,
    'take subscriptions to $share/GROUP/FILTER',
  ),
  subscription_identifiers_available: setting(
    yesOrNo,
    shown.subscriptionIdentifiersAvailable,
    'take subscription identifiers',
  ),
  check_payload_format: setting(yesOrNo, shown.checkPayloadFormat, 'refuse a payload that says it is UTF-8 and is not'),
  response_topic_prefix: setting(
    prefix,
    shown.responseTopicPrefix,
    'a client that asks for response information is told this and its client id; empty: nothing',
  ),
  server_reference: setting(
    z.string(),
    shown.serverReference,
    'the broker that clients are sent to while this one is full or shuts down; empty: none',
  ),
  server_moved: setting(yesOrNo, shown.serverMoved, 'send every client to server_reference for good'),
  empty_client_id_allowed: setting(
    yesOrNo,
    shown.emptyClientIdAllowed,
    'give a client without an identifier one; else refuse it',
  ),
  assigned_client_id_prefix: setting(prefix, shown.assignedClientIdPrefix, 'in front of such identifiers'),
})

export const mqtt = z
  .strictObject(keys(defaultProtocol))
  .meta({ description: 'what of MQTT is offered, where the specifications leave it to the server' })

export const mqttAtListener = z
  .strictObject(keys({}))
  .meta({ description: 'what of MQTT is offered at this listener; what is left out is as in mqtt above' })
