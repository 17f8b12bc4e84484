import { type Clock, disposable, milliseconds } from '@hawser/std'
import type { Cursor, MessageLog } from './log.ts'

const floorEveryMs = milliseconds(5_000)

/** Tells the log, every few seconds, what no reader needs any more. */
export function keepFloor(log: MessageLog, clock: Clock, lowest: () => Cursor): Disposable {
  let timer: Disposable
  const arm = (): void => {
    timer = clock.after(floorEveryMs, () => {
      log.setFloor(lowest())
      arm()
    })
  }
  arm()
  return disposable(() => timer[Symbol.dispose]())
}
