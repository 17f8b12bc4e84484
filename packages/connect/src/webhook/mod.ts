export { placeOf } from '../http/client.ts'
export { type WebhookConnectorOptions, webhookConnector } from './webhook-connector.ts'
