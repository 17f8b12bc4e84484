/** One question over HTTP, with a bound on its time and on the size of its answer; redirects are not followed. */
import type { Clock, Milliseconds } from '@hawser/std'

export interface JsonQuestion {
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as POST; without it: GET. */
  readonly body?: string
  readonly timeoutMs: Milliseconds
  readonly bytesMax: number
}

export interface JsonAnswer {
  readonly status: number
  /** Undefined where the status is not 200. */
  readonly value: unknown
}

/** Rejects where no answer came whole and in time. */
export async function askJson(question: JsonQuestion, clock: Clock, signal: AbortSignal): Promise<JsonAnswer> {
  const { url, body, headers, timeoutMs, bytesMax } = question
  const late = new AbortController()
  using _timer = clock.after(timeoutMs, () => late.abort(new Error(`no answer within ${timeoutMs} ms`)))
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body }),
    redirect: 'error',
    signal: AbortSignal.any([late.signal, signal]),
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    return { status: response.status, value: undefined }
  }
  return { status: 200, value: JSON.parse(await boundedText(response, bytesMax)) }
}

async function boundedText(response: Response, bytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > bytesMax) throw new Error(`the answer is larger than ${bytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
