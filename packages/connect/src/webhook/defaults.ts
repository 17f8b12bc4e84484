/** What is posted and how, unless said. */
export const webhookBodies = ['json', 'cloudevents'] as const
export type WebhookBody = (typeof webhookBodies)[number]

export const webhookDefaults = {
  body: 'json',
  bridgeId: 'hawser',
  requestMessagesMax: 1,
  requestBytesMax: 1 << 20,
  inFlightMax: 4,
  requestMsMax: 15_000,
} as const
