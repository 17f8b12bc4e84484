import { type Clock, type Milliseconds, milliseconds, sleep } from '@hawser/std'

const lookEveryMs = milliseconds(20)

/** False where it did not become true in time. */
export async function waitUntil(
  clock: Clock,
  limit: Milliseconds,
  signal: AbortSignal,
  isTrue: () => boolean,
): Promise<boolean> {
  const lateMs = clock.monotonicMs() + limit
  while (!isTrue()) {
    if (clock.monotonicMs() > lateMs) return false
    await sleep(clock, lookEveryMs, signal)
  }
  return true
}

/** Rejects with what `refusal` makes when it takes too long. */
export async function within<Value>(
  clock: Clock,
  limit: Milliseconds,
  signal: AbortSignal,
  promise: Promise<Value>,
  refusal: () => Error,
): Promise<Value> {
  const ending = new AbortController()
  const either = AbortSignal.any([signal, ending.signal])
  const late = sleep(clock, limit, either).then(() => {
    throw refusal()
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    late.catch(() => undefined)
    ending.abort()
  }
}
