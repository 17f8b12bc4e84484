import { connectorContract } from '../contract/mod.ts'
import { webhookUnderTest } from './testing/webhook-under-test.ts'

connectorContract({ name: 'webhook', holds: 'at-least-once', open: () => webhookUnderTest() })
connectorContract({
  name: 'webhook of CloudEvents batches',
  holds: 'at-least-once',
  open: () => webhookUnderTest({ body: 'cloudevents', requestMessagesMax: 20 }),
})
