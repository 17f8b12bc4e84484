/** Calls a running Hawser's REST interface; what comes back is checked against the route's schema. */
import { HawserError } from '@hawser/std'
import type { Route, RouteCall, RouteOutput } from './api.ts'
import { apiErrorSchema } from './errors.ts'

export interface AdminClientOptions {
  /** As `http://127.0.0.1:8080`. */
  readonly baseUrl: string
  readonly token?: string
  readonly signal?: AbortSignal
  readonly fetch?: typeof fetch
}

interface LooseCall {
  readonly params?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

export class AdminClient {
  readonly #options: AdminClientOptions
  readonly #fetch: typeof fetch

  constructor(options: AdminClientOptions) {
    this.#options = options
    this.#fetch = options.fetch ?? fetch
  }

  /**
   * `client.call(api.clients, { query: { search: 'pump' } })`. A probe that says no resolves as one that says yes.
   * Rejects with `BROKER_UNREACHABLE` (retryable) where nothing answers, with `BROKER_REFUSED` where it says no.
   */
  async call<R extends Route>(
    route: R,
    ...[call]: keyof RouteCall<R> extends never ? [] : [RouteCall<R>]
  ): Promise<RouteOutput<R>> {
    const response = await this.#send(route, (call ?? {}) as LooseCall)
    const body = await this.#json(response)
    if (!response.ok && response.status !== route.negative) throw refusal(response.status, body)
    const parsed = route.response.safeParse(body)
    if (parsed.success) return parsed.data as RouteOutput<R>
    // A gateway in between answers 503 too, and a refusal may come with the probe's own status.
    if (!response.ok) throw refusal(response.status, body)
    throw new HawserError('BROKER_REFUSED', `${route.path} answered in an unknown form`, {
      cause: parsed.error,
      mend: 'is it a Hawser of the same version?',
    })
  }

  async #send(route: Route, call: LooseCall): Promise<Response> {
    const { baseUrl, token, signal } = this.#options
    const url = new URL(addressOf(route, call), baseUrl)
    const headers: Record<string, string> = { accept: 'application/json' }
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`
    if (call.body !== undefined) headers['content-type'] = 'application/json'
    try {
      return await this.#fetch(url, {
        method: route.method,
        headers,
        redirect: 'error',
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        ...(signal === undefined ? {} : { signal }),
      })
    } catch (cause) {
      throw this.#unreachable(cause)
    }
  }

  async #json(response: Response): Promise<unknown> {
    let text: string
    try {
      text = await response.text()
    } catch (cause) {
      throw this.#unreachable(cause)
    }
    try {
      return JSON.parse(text)
    } catch (cause) {
      throw new HawserError('BROKER_REFUSED', `${response.url} answered ${response.status} without JSON`, {
        cause,
        mend: 'is it a Hawser console?',
      })
    }
  }

  #unreachable(cause: unknown): HawserError {
    return new HawserError('BROKER_UNREACHABLE', `no console answers at ${this.#options.baseUrl}`, {
      cause,
      retryable: true,
      mend: 'start it with hawser up',
    })
  }
}

function addressOf(route: Route, call: LooseCall): string {
  const path = route.path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(call.params?.[name])))
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(call.query ?? {})) if (value !== undefined) query.set(name, String(value))
  return query.size === 0 ? path : `${path}?${query}`
}

function refusal(status: number, body: unknown): HawserError {
  const parsed = apiErrorSchema.safeParse(body)
  if (!parsed.success) return new HawserError('BROKER_REFUSED', `the console answered ${status}`)
  const { code, message, mend } = parsed.data.error
  return new HawserError('BROKER_REFUSED', `${message} (${code})`, {
    retryable: code === 'UNAVAILABLE' || code === 'TOO_MANY',
    ...(mend === undefined ? {} : { mend }),
  })
}
