import { HawserError } from '@hawser/std'

/** As an operator reads it. */
export const errorLine = (error: unknown): string =>
  error instanceof HawserError ? error.line : error instanceof Error ? error.message : String(error)
