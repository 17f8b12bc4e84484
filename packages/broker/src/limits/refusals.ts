/**
 * Why a client is told no, and the reason code of MQTT 5.0 that says so. Every refusal has a reason here and a counter
 * by it; what each limit does stands in `described.ts`. 3.1.1 hears the nearest that it has a word for.
 */
import { type DecodeFault, reasonCode } from '@hawser/codec'

export const refusals = {
  /** The client id's session belongs to another identity. */
  'session-of-another': reasonCode.notAuthorized,
  /** The client id has come to another process meanwhile. */
  'session-claimed': reasonCode.serverUnavailable,
  /** The process that may have the session does not answer in time, or what it left is not taken over yet. */
  'session-unreachable': reasonCode.serverUnavailable,
  'publish-not-authorized': reasonCode.notAuthorized,
  'subscribe-not-authorized': reasonCode.notAuthorized,
  /** By the embedding program. */
  'publish-by-hook': reasonCode.notAuthorized,
  'subscribe-by-hook': reasonCode.notAuthorized,
  /** A topic within a subscription that its client may not read; counted once a topic, not once a message. */
  'receive-not-authorized': undefined,
  /** At CONNECT; without a word when the will was due. */
  'will-not-authorized': reasonCode.notAuthorized,
  /** A subscription of a session, when its client came back or its rights had changed: it is over. */
  'subscription-withdrawn': undefined,
  banned: reasonCode.banned,
  /** A client id came too often, and is banned for a while. */
  flapping: reasonCode.banned,
  'connections-max': reasonCode.serverBusy,
  'listener-connections-max': reasonCode.serverBusy,
  'sessions-max': reasonCode.quotaExceeded,
  'connect-rate': reasonCode.connectionRateExceeded,
  'listener-connect-rate': reasonCode.connectionRateExceeded,
  'address-connect-rate': reasonCode.connectionRateExceeded,
  /** CONNECT did not come in time: closed without a word. */
  'connect-time': undefined,
  'client-id-bytes': reasonCode.clientIdentifierNotValid,
  'packet-bytes': reasonCode.packetTooLarge,
  'payload-bytes': reasonCode.quotaExceeded,
  /** A packet that had begun came too slowly. */
  'packet-too-slow': reasonCode.quotaExceeded,
  /** Unfinished packets of all clients took more memory than they may: the oldest of them is given up. */
  'unfinished-bytes': reasonCode.quotaExceeded,
  'receive-maximum': reasonCode.receiveMaximumExceeded,
  'topic-alias-maximum': reasonCode.topicAliasInvalid,
  'topic-bytes': reasonCode.topicNameInvalid,
  'topic-levels': reasonCode.topicNameInvalid,
  'filter-bytes': reasonCode.topicFilterInvalid,
  'filter-levels': reasonCode.topicFilterInvalid,
  'session-subscriptions': reasonCode.quotaExceeded,
  'subscriptions-max': reasonCode.quotaExceeded,
  'shared-groups': reasonCode.quotaExceeded,
  'retained-messages': reasonCode.quotaExceeded,
  'retained-bytes': reasonCode.quotaExceeded,
  'message-rate': reasonCode.messageRateTooHigh,
  'disk-low': reasonCode.quotaExceeded,
  /** The log takes nothing now: the disk is full or has failed. */
  'log-refused': reasonCode.quotaExceeded,
} as const satisfies Readonly<Record<string, number | undefined>>

export type RefusalReason = keyof typeof refusals
export const refusalReasons = Object.keys(refusals) as readonly RefusalReason[]

export const noRefusals = (): Record<RefusalReason, number> =>
  Object.fromEntries(refusalReasons.map((reason) => [reason, 0])) as Record<RefusalReason, number>

/** A fault of the peer that may be a limit too. */
export type Fault = DecodeFault & { readonly refusal?: RefusalReason }

/** Of the decoder, which knows no counters. */
export const asRefusal = (fault: DecodeFault): Fault =>
  fault.reasonCode === reasonCode.packetTooLarge ? { ...fault, refusal: 'packet-bytes' } : fault

export const protocolFault = (message: string): Fault => ({ reasonCode: reasonCode.protocolError, message })

export const tooManyUnanswered: Fault = {
  reasonCode: refusals['receive-maximum'],
  refusal: 'receive-maximum',
  message: 'more than the Receive Maximum unanswered',
}

interface FaultCounters {
  protocolFaults: number
  readonly refused: Record<RefusalReason, number>
}

export function countFault(counters: FaultCounters, { refusal }: Fault): void {
  counters.protocolFaults++
  if (refusal !== undefined) counters.refused[refusal]++
}

/** Counts a refusal and answers its reason code. */
export function refuse<Reason extends RefusalReason>(
  { refused }: { readonly refused: Record<RefusalReason, number> },
  reason: Reason,
): (typeof refusals)[Reason] {
  refused[reason]++
  return refusals[reason]
}
