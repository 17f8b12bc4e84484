/** What the servers answer where they take nothing: nothing of it was stored, and later it may be. */
import { HawserError } from '@hawser/std'
import { codeOf } from './streams.ts'

/** Of storage, of memory, of the stream's bytes and of its messages. */
const noRoom: ReadonlySet<number> = new Set([10023, 10047, 10028, 10077])

/** Undefined where what was sent may have been stored. */
export function refusalOf(error: unknown): HawserError | undefined {
  const code = codeOf(error)
  if (!noRoom.has(code)) return undefined
  return new HawserError(
    'DISK_FULL',
    `the NATS servers have no room: ${error instanceof Error ? error.message : code}`,
    {
      retryable: true,
      mend: 'give JetStream more storage; writing goes on by itself',
      cause: error,
    },
  )
}
