/** Requests to the server that this page came from. */
import type { ApiErrorBody, ApiErrorCode } from '@hawser/admin'
import { useEffect, useState } from 'preact/hooks'
import { token } from './token.ts'

export class RequestFailed extends Error {
  readonly code: ApiErrorCode | 'UNREACHABLE'

  constructor(code: RequestFailed['code'], message: string) {
    super(message)
    this.code = code
  }
}

export const getJson = <T>(path: string, signal?: AbortSignal): Promise<T> =>
  request<T>(path, signal === undefined ? {} : { signal })

export const postJson = <T>(path: string, body?: unknown): Promise<T> =>
  request<T>(path, {
    method: 'POST',
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })

async function request<T>(path: string, init: RequestInit): Promise<T> {
  const headers = new Headers(init.headers)
  if (token.value !== '') headers.set('authorization', `Bearer ${token.value}`)
  let response: Response
  let body: unknown
  try {
    response = await fetch(path, { ...init, headers })
    body = await response.json()
  } catch (error) {
    throw new RequestFailed('UNREACHABLE', error instanceof Error ? error.message : String(error))
  }
  if (response.ok) return body as T
  const { error } = body as ApiErrorBody
  throw new RequestFailed(error.code, error.mend === undefined ? error.message : `${error.message}; ${error.mend}`)
}

export interface Polled<T> {
  /** The last answer, also while the next one is on its way or fails. */
  readonly data: T | undefined
  readonly error: string | undefined
}

/** Asks again `everyMs` after each answer, while the component is shown and the page is visible. */
export function usePolled<T>(path: string | undefined, everyMs: number): Polled<T> {
  const [polled, setPolled] = useState<Polled<T>>({ data: undefined, error: undefined })
  useEffect(() => {
    if (path === undefined) return
    const ended = new AbortController()
    let timer: number | undefined
    const ask = async (): Promise<void> => {
      if (document.visibilityState === 'visible') {
        try {
          const data = await getJson<T>(path, ended.signal)
          if (!ended.signal.aborted) setPolled({ data, error: undefined })
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error)
          if (!ended.signal.aborted) setPolled(({ data }) => ({ data, error: message }))
        }
      }
      if (!ended.signal.aborted) timer = window.setTimeout(ask, everyMs)
    }
    void ask()
    return () => {
      ended.abort()
      clearTimeout(timer)
    }
  }, [path, everyMs])
  return polled
}
