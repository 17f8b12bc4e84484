/** Time as a parameter: whoever needs it is given a `Clock`, so that a test owns it. */
import { performance } from 'node:perf_hooks'
import { type EpochMicros, epochMicros, type Milliseconds, milliseconds } from './units.ts'

export interface Clock {
  /** Wall time, at the system clock's own resolution. It may jump; never measure a duration with it. */
  wallMicros(): EpochMicros
  /** Monotonic time since an arbitrary start, which the processes of a host share from one boot to the next. */
  monotonicMs(): Milliseconds
  /** Calls `callback` once after `delay`; disposing cancels it. Does not keep the process alive. */
  after(delay: Milliseconds, callback: () => void): Disposable
}

const timerDelayMsMax = 2 ** 31 - 1

/** `performance.now` reads the host's monotonic clock, and counts from the start of the thread. */
const startedMs = Number(process.hrtime.bigint()) / 1e6 - performance.now()

export const systemClock: Clock = {
  wallMicros: () => epochMicros(Date.now() * 1000),
  monotonicMs: () => milliseconds(startedMs + performance.now()),
  after(delay, callback) {
    // A longer delay would overflow Node's timer and fire at once: wait for it in steps.
    const dueMs = performance.now() + delay
    let timer: NodeJS.Timeout
    const arm = (): void => {
      const leftMs = dueMs - performance.now()
      timer = leftMs > timerDelayMsMax ? setTimeout(arm, timerDelayMsMax) : setTimeout(callback, Math.max(0, leftMs))
      timer.unref()
    }
    arm()
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}

/** Resolves after `delay`, or rejects with the signal's reason as soon as it aborts. */
export function sleep(clock: Clock, delay: Milliseconds, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const onAbort = (): void => {
      timer[Symbol.dispose]()
      reject(signal?.reason)
    }
    const timer = clock.after(delay, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
