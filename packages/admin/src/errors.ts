import * as z from 'zod'

/** Every way a request can be refused; the tuple is the source of type and documentation. */
export const apiErrorCodes = [
  'INVALID_REQUEST',
  'TOKEN_NEEDED',
  'FOREIGN_HOST',
  'FOREIGN_ORIGIN',
  'NOT_FOUND',
  'TOO_LARGE',
  'TOO_MANY',
  'UNAVAILABLE',
  'INTERNAL',
] as const

export const apiErrorSchema = z
  .object({
    error: z.object({
      code: z.enum(apiErrorCodes),
      message: z.string(),
      mend: z.string().optional(),
    }),
  })
  .meta({ id: 'ApiError' })

export type ApiErrorCode = (typeof apiErrorCodes)[number]
export type ApiErrorBody = z.infer<typeof apiErrorSchema>
