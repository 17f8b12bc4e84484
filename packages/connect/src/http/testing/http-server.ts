/** A real HTTP server that a test can kill, start again on its port, and tell how to answer. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface ReceivedRequest {
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export type Answering = (request: ReceivedRequest) => Answer | Promise<Answer>

export interface HttpServerUnderTest extends AsyncDisposable {
  readonly url: string
  answer: Answering
  /** As a crash would: with all connections. */
  kill(): Promise<void>
  start(): Promise<void>
}

export interface Identity {
  readonly key: string
  readonly cert: string
}

export async function startHttpServer(answer: Answering, identity?: Identity): Promise<HttpServerUnderTest> {
  let port = 0
  let server: Server | undefined
  const respond = async (request: ReceivedRequest, response: ServerResponse): Promise<void> => {
    const { status, headers = {}, body = '' } = await running.answer(request)
    response.writeHead(status, headers).end(body)
  }
  const running: HttpServerUnderTest = {
    get url() {
      return `${identity === undefined ? 'http' : 'https'}://localhost:${port}/in`
    },
    answer,
    async start() {
      server = identity === undefined ? createServer() : createTlsServer(identity)
      server.on('request', (request, response) => {
        // What a killed connection had begun is answered to nobody.
        void buffer(request).then(
          (body) => respond({ url: request.url ?? '', headers: request.headers, body }, response),
          () => {},
        )
      })
      server.listen(port, 'localhost')
      await once(server, 'listening')
      port = (server.address() as AddressInfo).port
    },
    async kill() {
      const old = server
      server = undefined
      if (old === undefined) return
      old.close()
      old.closeAllConnections()
      await once(old, 'close')
    },
    [Symbol.asyncDispose]: () => running.kill(),
  }
  await running.start()
  return running
}
