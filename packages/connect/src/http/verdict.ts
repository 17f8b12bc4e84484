/** What an answer means for the messages that were sent: taken, refused for good, to be tried again, or the end. */
import { type Clock, HawserError, type Milliseconds, milliseconds } from '@hawser/std'
import { type HttpAnswer, placeOf } from './client.ts'

/** A server may ask for longer; it is asked again all the same. */
const retryAfterMsMax = 5 * 60_000

/** It may pass by itself: Request Timeout, Too Early, Too Many Requests, and whatever is the server's fault. */
const mayPass = (status: number): boolean => status === 408 || status === 425 || status === 429 || status >= 500

/** It is about whom or where we ask, not about what is sent: every other message would be refused as well. */
const isOfTheTarget = (status: number): boolean =>
  status < 200 || (status >= 300 && status < 400) || [401, 402, 403, 404, 405, 407, 410].includes(status)

/** The reason why it is refused, or undefined where it is taken. Throws where it is neither. */
export function refusalIn(answer: HttpAnswer, url: URL, clock: Clock): string | undefined {
  const { status } = answer
  if (status >= 200 && status < 300) return undefined
  const line = `${placeOf(url)} answered ${status}${reasonOf(answer.text)}`
  if (mayPass(status)) {
    const retryAfterMs = retryAfterOf(answer.retryAfter, clock)
    throw new HawserError('SINK_UNAVAILABLE', line, { retryable: true, ...retryAfterMs })
  }
  if (isOfTheTarget(status)) {
    throw new HawserError('SINK_REFUSED', line, {
      mend:
        status >= 300 && status < 400
          ? 'redirects are not followed: give the place itself as url, then resume the connector'
          : 'mend the url, the credentials or the rights, then resume the connector',
    })
  }
  return `${status}${reasonOf(answer.text)}`
}

/** Seconds, or a date of HTTP. RFC 9110 §10.2.3 */
export function retryAfterOf(header: string | undefined, clock: Clock): { readonly retryAfterMs?: Milliseconds } {
  if (header === undefined) return {}
  const wallMs = clock.wallMicros() / 1000
  const delayMs = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - wallMs
  if (Number.isNaN(delayMs)) return {}
  return { retryAfterMs: milliseconds(Math.min(Math.max(0, delayMs), retryAfterMsMax)) }
}

const reasonCharactersMax = 300

function reasonOf(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line === '' ? '' : `: ${line.slice(0, reasonCharactersMax)}`
}
