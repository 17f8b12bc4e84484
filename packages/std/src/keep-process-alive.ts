import { disposable } from './dispose.ts'

const longestTimerMs = 2 ** 31 - 1

/** For work that only waits for clocks, which do not keep a process alive: until this is disposed. */
export function keepProcessAlive(): Disposable {
  const timer = setInterval(() => {}, longestTimerMs)
  return disposable(() => clearInterval(timer))
}
