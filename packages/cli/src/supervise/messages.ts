/** What supervisor and children say to each other over the IPC channel. Both are of one version: nothing is parsed. */
import type { Part } from '@hawser/admin'
import { HawserError, type HawserErrorCode } from '@hawser/std'
import type { LogEntry } from '../logging/logger.ts'

export type ToChild =
  | { readonly kind: 'start'; readonly name: string; readonly task: unknown }
  /** Is it alive? It says so by `alive`. */
  | { readonly kind: 'ask' }
  /** Read the configuration again. */
  | { readonly kind: 'reload' }
  /** How all parts are, for the one that shows them. */
  | { readonly kind: 'parts'; readonly parts: readonly Part[] }

export type FromChild =
  | { readonly kind: 'ready' }
  | { readonly kind: 'alive' }
  | { readonly kind: 'log'; readonly entry: LogEntry }
  | { readonly kind: 'failed'; readonly failure: FailureReport }
  /** Somebody asked, through this child, that all of Hawser stop. */
  | { readonly kind: 'stop-all' }

/** A `HawserError` that crosses a process border; `code` is undefined for what was never meant to happen. */
export interface FailureReport {
  readonly code: HawserErrorCode | undefined
  readonly message: string
  readonly mend: string | undefined
}

export const reportOf = (error: unknown): FailureReport =>
  error instanceof HawserError
    ? { code: error.code, message: error.message, mend: error.mend }
    : {
        code: undefined,
        message: error instanceof Error ? (error.stack ?? error.message) : String(error),
        mend: undefined,
      }

export function errorOf({ code, message, mend }: FailureReport): Error {
  if (code === undefined) return new Error(message)
  return new HawserError(code, message, mend === undefined ? {} : { mend })
}
