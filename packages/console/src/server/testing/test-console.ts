/** A console over a demo source on a free port, for tests. */
import { systemClock } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import { type ConsoleOptions, type ConsoleServer, startConsole } from '../console.ts'
import { DemoSource } from './demo-source.ts'

export interface TestConsole extends AsyncDisposable {
  readonly server: ConsoleServer
  readonly source: DemoSource
  /** Drives feed and source; sockets of the TCP check time themselves by it too. */
  readonly clock: ManualClock
  readonly reported: unknown[]
  readonly get: (path: string, init?: RequestInit) => Promise<Response>
  readonly post: (path: string, body?: unknown, token?: string) => Promise<Response>
}

export const testToken = 'a-token-of-the-tests'

export async function testConsole(options: Partial<ConsoleOptions> = {}): Promise<TestConsole> {
  // Near the present, so that ages on the page look as they do in use.
  const clock = new ManualClock(systemClock.wallMicros())
  const source = new DemoSource({ clock, pastSeconds: 120 })
  const reported: unknown[] = []
  const server = await startConsole({
    source,
    host: '127.0.0.1',
    port: 0,
    token: testToken,
    webRoot: import.meta.dirname,
    version: '0.1.0',
    clock,
    report: (error) => reported.push(error),
    ...options,
  })
  return {
    server,
    source,
    clock,
    reported,
    get: (path, init) => fetch(server.url + path, init),
    post: (path, body, token = testToken) =>
      fetch(server.url + path, {
        method: 'POST',
        headers: {
          ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
