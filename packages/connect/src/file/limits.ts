import { type Milliseconds, milliseconds } from '@hawser/std'

export interface FileLimits {
  /** A file is closed before it would grow past this; only one single batch may be larger. */
  readonly fileBytesMax: number
  /** A new file begins with each such span of UTC: a day by default, so at midnight. */
  readonly fileAgeMsMax: Milliseconds
  /** Of all files, the one being written included; the oldest go. */
  readonly filesMax: number
}

export const defaultFileLimits: FileLimits = {
  fileBytesMax: 64 << 20,
  fileAgeMsMax: milliseconds(86_400_000),
  filesMax: 16,
}
