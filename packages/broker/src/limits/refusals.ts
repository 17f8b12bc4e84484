/** Why a client is told no. Every refusal has a reason here, and a counter by it. */
export const refusalReasons = [
  /** The client id's session belongs to another identity. */
  'session-of-another',
  'publish-not-authorized',
  'subscribe-not-authorized',
  /** By the embedding program. */
  'publish-by-hook',
  'subscribe-by-hook',
  /** A topic within a subscription that its client may not read; counted once a topic, not once a message. */
  'receive-not-authorized',
  /** At CONNECT, or when the will was due. */
  'will-not-authorized',
  /** A subscription of a session, when its client came back or its rights had changed: it is over. */
  'subscription-withdrawn',
] as const
export type RefusalReason = (typeof refusalReasons)[number]

export const noRefusals = (): Record<RefusalReason, number> =>
  Object.fromEntries(refusalReasons.map((reason) => [reason, 0])) as Record<RefusalReason, number>
