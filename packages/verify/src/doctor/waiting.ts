/** Ways to wait that end with the time that the doctor has. */
import { HawserError, milliseconds, sleep } from '@hawser/std'
import type { CheckContext } from './check.ts'
import type { MqttPeer, Received } from './ports/ports.ts'

const lookEveryMs = milliseconds(700)

export interface Looks<T> {
  readonly first: T
  readonly latest: T
}

/** Looks again and again until `done`, or until the time is up; what it saw first and last is what is judged. */
export async function lookUntil<T>(
  { clock, timeUp }: Pick<CheckContext, 'clock' | 'timeUp'>,
  look: () => Promise<T>,
  done: (looks: Looks<T>) => boolean,
): Promise<Looks<T>> {
  const first = await look()
  let latest = first
  while (!done({ first, latest }) && !timeUp.aborted) {
    await sleep(clock, lookEveryMs, timeUp).catch(() => undefined)
    latest = await look()
  }
  return { first, latest }
}

/** Resolves to true once `note`, called for each message, has said that all is there; to false when the time is up. */
export function heard(peer: MqttPeer, timeUp: AbortSignal, note: (message: Received) => boolean): Promise<boolean> {
  return new Promise((resolve, reject) => {
    peer.onMessage((message) => {
      if (note(message)) resolve(true)
    })
    whenAborted(timeUp, () => resolve(false))
    whenAborted(peer.lost, () => reject(peer.lost.reason))
  })
}

/** The promise's own outcome, or the reason of the signal that aborts first. */
export function before<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    whenAborted(signal, () => reject(signal.reason))
    promise.then(resolve, reject)
  })
}

function whenAborted(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act()
  else signal.addEventListener('abort', act, { once: true })
}

/** For a figure: what to say of an error. */
export function whyOf(error: unknown): string {
  if (error instanceof HawserError) return error.message
  return error instanceof Error ? error.message || error.name : String(error)
}
