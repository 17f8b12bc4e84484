export { type WebhookBody, webhookBodies } from './body.ts'
export { defaultWebhookOptions, type WebhookConnectorOptions, webhookConnector } from './webhook-connector.ts'
