/**
 * POST to one URL. Node's own client is used because it takes a certificate authority per connection and follows no
 * redirect: a body that is signed for one place is never sent to another.
 */
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http'
import { request as secureRequest, Agent as TlsAgent } from 'node:https'
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { type Clock, HawserError, type Milliseconds } from '@hawser/std'

export interface HttpTarget {
  readonly url: URL
  /** For https: over what Node trusts. */
  readonly tls?: TlsOptions
  readonly requestMsMax: Milliseconds
  readonly connectionsMax: number
}

export interface HttpRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface HttpAnswer {
  readonly status: number
  readonly retryAfter: string | undefined
  /** Its beginning. */
  readonly text: string
}

/** Of an answer only a reason is wanted. */
const answerBytesMax = 4_096
/** Past it the connection is not worth reading to the end. */
const drainBytesMax = 256 << 10

export class HttpClient implements Disposable {
  readonly #target: HttpTarget
  readonly #clock: Clock
  readonly #agent: PlainAgent | TlsAgent

  constructor(target: HttpTarget, clock: Clock) {
    this.#target = target
    this.#clock = clock
    const pool = { keepAlive: true, maxSockets: target.connectionsMax }
    this.#agent = target.url.protocol === 'https:' ? new TlsAgent({ ...pool, ...target.tls }) : new PlainAgent(pool)
  }

  /** Rejects with `SINK_UNAVAILABLE` where no answer comes, or with the signal's reason. */
  async post({ headers, body }: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { url, requestMsMax } = this.#target
    signal.throwIfAborted()
    const late = new AbortController()
    using _deadline = this.#clock.after(requestMsMax, () =>
      late.abort(unavailable(url, `no answer within ${requestMsMax} ms`)),
    )
    const options = {
      method: 'POST',
      agent: this.#agent,
      headers: { ...headers, 'content-length': String(body.length) },
      signal: AbortSignal.any([signal, late.signal]),
    }
    try {
      return await exchange(url, options, body)
    } catch (error) {
      signal.throwIfAborted()
      late.signal.throwIfAborted()
      throw unavailable(url, error instanceof Error ? error.message : String(error), error)
    }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }
}

async function exchange(url: URL, options: Parameters<typeof secureRequest>[1], body: Buffer): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = (url.protocol === 'https:' ? secureRequest : plainRequest)(url, options)
  request.once('response', resolve).on('error', reject).end(body)
  const response = await promise
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers['retry-after'],
    text: await beginningOf(response),
  }
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  const kept: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    if (bytes < answerBytesMax) kept.push(chunk)
    bytes += chunk.length
    if (bytes > drainBytesMax) break
  }
  return Buffer.concat(kept).subarray(0, answerBytesMax).toString('utf8')
}

/** Throws `CONFIG_INVALID`: `owner` is whose url it is, `mend` where a secret belongs. */
export function httpUrl(text: string, owner: string, mend: string): URL {
  const url = URL.parse(text)
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url
  const message = `the url of ${owner} begins with https:// or http://, without a user in it`
  throw new HawserError('CONFIG_INVALID', message, { mend })
}

/** Without user, password and query: they may be secret. */
export const placeOf = ({ origin, pathname }: URL): string => `${origin}${pathname}`

const unavailable = (url: URL, why: string, cause?: unknown): HawserError =>
  new HawserError('SINK_UNAVAILABLE', `${placeOf(url)}: ${why}`, { retryable: true, cause })
