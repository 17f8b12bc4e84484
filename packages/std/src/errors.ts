import type { Milliseconds } from './units.ts'

/** Every way Hawser can fail. The tuple is the source: the type, the table in docs and the metric labels come from it. */
export const hawserErrorCodes = [
  'CONFIG_INVALID',
  'PORT_IN_USE',
  'DATA_DIR_IN_USE',
  'DATA_DIR_VERSION',
  'DATA_DIR_UNUSABLE',
  'DATA_CORRUPT',
  'DISK_FULL',
  'LOG_FAILED',
  'LOG_CLOSED',
  'POSITION_GONE',
  'STATE_FAILED',
  'ENGINE_UNREACHABLE',
  'ENGINE_UNFIT',
  'NODE_FENCED',
  'SINK_UNAVAILABLE',
  'SINK_REFUSED',
  'BROKER_UNREACHABLE',
  'BROKER_REFUSED',
  'USAGE',
] as const
export type HawserErrorCode = (typeof hawserErrorCodes)[number]

export interface HawserErrorOptions {
  /** Whether the same call may succeed later without anybody mending anything. */
  readonly retryable?: boolean
  /** How long whoever refused asks to be left alone. */
  readonly retryAfterMs?: Milliseconds
  /** What the user can do about it, as one clause: shown behind the message. */
  readonly mend?: string
  readonly cause?: unknown
}

export class HawserError extends Error {
  override readonly name = 'HawserError'
  readonly code: HawserErrorCode
  readonly retryable: boolean
  readonly retryAfterMs: Milliseconds | undefined
  readonly mend: string | undefined

  constructor(code: HawserErrorCode, message: string, options: HawserErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.retryable = options.retryable ?? false
    this.retryAfterMs = options.retryAfterMs
    this.mend = options.mend
  }

  /** What a user sees: what, why and how to mend it, on one line. */
  get line(): string {
    return this.mend === undefined ? this.message : `${this.message}; ${this.mend}`
  }
}
