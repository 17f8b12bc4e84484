/** The figures of a source and a connector, as lines of the log. */
import { type Clock, disposable, milliseconds } from '@hawser/std'
import type { WatchedConnector } from '../composition/source/connector-snapshot.ts'
import type { Logger } from '../logging/logger.ts'

/** Every so many seconds, and at the end; 0: never. */
export function tellStatistics(
  watched: readonly WatchedConnector[],
  seconds: number,
  clock: Clock,
  logger: Pick<Logger, 'info'>,
): Disposable {
  if (seconds === 0) return disposable(() => undefined)
  const tell = (): void => {
    for (const one of watched) {
      const { name, state, written, duplicates, deadLetters, lost, ratePerSecond, lag } = one.snapshot()
      const reads = 'seek' in one.run
      logger.info(name, {
        ...{ state, [reads ? 'written' : 'taken']: written, duplicates },
        [reads ? 'dead_letters' : 'refused']: deadLetters,
        ...(reads ? { lost, lag_messages: lag.messages, lag_seconds: Math.round(lag.seconds ?? 0) } : {}),
        messages_per_second: Math.round(ratePerSecond),
      })
    }
  }
  let timer: Disposable
  const arm = (): void => {
    timer = clock.after(milliseconds(seconds * 1000), () => {
      tell()
      arm()
    })
  }
  arm()
  return disposable(() => {
    timer[Symbol.dispose]()
    tell()
  })
}
