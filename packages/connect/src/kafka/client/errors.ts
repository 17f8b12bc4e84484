/** What an error of the client means for us. */

import { HawserError } from '@hawser/std'

/** Will not pass until somebody changes rights, credentials or settings. */
const final = [
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
  'UNSUPPORTED_VERSION',
  'UNSUPPORTED_COMPRESSION_TYPE',
  'INVALID_REQUIRED_ACKS',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_CONFIG',
] as const

/** Is about the records that were sent, not about the cluster. */
const ofRecords = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'INVALID_TIMESTAMP'] as const

export const refusalOfRecords = (error: unknown): string | undefined => ofRecords.find((id) => isKafkaError(error, id))

export const isKafkaError = (error: unknown, id: string): boolean =>
  parts(error).some((part) => 'apiId' in part && part.apiId === id)

export function asSinkError(error: unknown): HawserError {
  if (error instanceof HawserError) return error
  const text = innermost(error)
  const reason = final.find((id) => isKafkaError(error, id))
  if (reason !== undefined || hasCode(error, 'PLT_KFK_AUTHENTICATION')) {
    return new HawserError('SINK_REFUSED', `Kafka: ${text}`, {
      mend: 'mend the rights, the credentials or the settings of the connector, then resume it',
      cause: error,
    })
  }
  return new HawserError('SINK_UNAVAILABLE', `Kafka: ${text}`, { retryable: true, cause: error })
}

const hasCode = (error: unknown, code: string): boolean =>
  parts(error).some((part) => 'code' in part && part.code === code)

/** The client wraps errors in one another, as causes too, where its own search does not look. */
const parts = (error: unknown): readonly Error[] =>
  error instanceof Error
    ? [error, ...(error instanceof AggregateError ? error.errors.flatMap(parts) : []), ...parts(error.cause)]
    : []

/** The last part names the cause. */
const innermost = (error: unknown): string => parts(error).at(-1)?.message ?? String(error)
