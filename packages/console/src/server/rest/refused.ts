/** How a request is refused: one form for all reasons. */
import type { ApiErrorBody, ApiErrorCode } from '@hawser/admin'
import { HawserError } from '@hawser/std'
import type { FastifyError, FastifyRequest } from 'fastify'

const statusByCode: Readonly<Record<ApiErrorCode, number>> = {
  INVALID_REQUEST: 400,
  TOKEN_NEEDED: 401,
  FOREIGN_HOST: 403,
  FOREIGN_ORIGIN: 403,
  NOT_FOUND: 404,
  TOO_LARGE: 413,
  TOO_MANY: 429,
  UNAVAILABLE: 503,
  INTERNAL: 500,
}

export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly code: ApiErrorCode
  readonly mend: string | undefined

  constructor(code: ApiErrorCode, message: string, mend?: string) {
    super(message)
    this.code = code
    this.mend = mend
  }
}

export function nothingAt({ method, url }: FastifyRequest): RefusedError {
  return new RefusedError('NOT_FOUND', `there is nothing at ${method} ${url.split('?', 1)[0]}`)
}

export interface RefusedAnswer {
  readonly status: number
  readonly body: ApiErrorBody
  /** Not the caller's doing, so somebody here should know. */
  readonly ours: boolean
}

export function refusedAnswer(error: unknown): RefusedAnswer {
  if (error instanceof RefusedError) return answer(error.code, error.message, error.mend)
  if (error instanceof HawserError) {
    return answer(error.retryable ? 'UNAVAILABLE' : 'INTERNAL', error.message, error.mend)
  }
  const { statusCode = 500, message = 'failed' } = error as Partial<FastifyError>
  if (statusCode === 413) return answer('TOO_LARGE', message)
  if (statusCode >= 400 && statusCode < 500) return answer('INVALID_REQUEST', message)
  // An unforeseen failure's words may say more than a stranger should read; they are reported here instead.
  return answer('INTERNAL', 'this failed for a reason of the server; its log says which')
}

function answer(code: ApiErrorCode, message: string, mend?: string): RefusedAnswer {
  const status = statusByCode[code]
  return {
    status,
    body: { error: { code, message, ...(mend === undefined ? {} : { mend }) } },
    ours: status >= 500,
  }
}
