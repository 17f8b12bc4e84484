/** The console's server: REST, live feed, metrics and the page on one port. */
import type { AddressInfo } from 'node:net'
import fastifyWebsocket from '@fastify/websocket'
import { bearerProtocolPrefix, type HawserSource, liveFeedPath, liveFeedProtocol, metricsPath } from '@hawser/admin'
import { type Clock, HawserError } from '@hawser/std'
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify'
import { LiveFeed } from './feed/live-feed.ts'
import { exposition } from './metrics/exposition.ts'
import { consoleSamples, type MetricSample, sourceSamples } from './metrics/samples.ts'
import { pageFiles, servePage } from './page.ts'
import { nothingAt, RefusedError, refusedAnswer } from './rest/refused.ts'
import { admit, serveRest } from './rest/routes.ts'
import { Doorman, isLoopback } from './security/doorman.ts'
import { securityHeaders } from './security/headers.ts'

const bodyBytesMax = 256 * 1024
const watcherMessageBytesMax = 1024
const requestMsMax = 15_000
const connectionsMax = 512

export interface ConsoleOptions {
  readonly source: HawserSource
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Names beside the addresses that the server may be called by, as `hawser.example`. */
  readonly allowedHosts?: readonly string[]
  /** What a caller must bear to change anything, and to read anything but probes and metrics unless reading is open. */
  readonly token: string
  /** Whether reading needs no token; by default so on loopback alone. */
  readonly openReading?: boolean
  /** The folder of the built page; a promise while it is being built. */
  readonly webRoot: string | Promise<string>
  readonly version: string
  readonly clock: Clock
  /** Told of every failure that is not a caller's. */
  readonly report: (error: unknown) => void
  /** Closes the server. */
  readonly signal?: AbortSignal
}

export interface ConsoleServer extends AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly url: string
}

export async function startConsole(options: ConsoleOptions): Promise<ConsoleServer> {
  options.signal?.throwIfAborted()
  const { clock, report, source } = options
  const page = pageFiles(options.webRoot, report)
  const feed = new LiveFeed({ snapshot: () => source.snapshot(), clock, report })
  const app = createApp(options)
  try {
    await assemble(app, options, feed)
    await servePage(app, page)
    await listen(app, options)
  } catch (error) {
    feed[Symbol.dispose]()
    await app.close()
    throw error
  }
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    feed[Symbol.dispose]()
    closing ??= app.close()
    return closing
  }
  options.signal?.addEventListener('abort', () => void close().catch(report), { once: true })
  const { port } = app.server.address() as AddressInfo
  const { host } = options
  return { host, port, url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`, [Symbol.asyncDispose]: close }
}

function createApp({ report }: ConsoleOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: bodyBytesMax,
    requestTimeout: requestMsMax,
    forceCloseConnections: true,
    exposeHeadRoutes: true,
    routerOptions: { maxParamLength: 400 },
  })
  app.server.maxConnections = connectionsMax
  app.removeContentTypeParser('text/plain')
  app.setErrorHandler((error, _, reply) => {
    const { status, body, ours } = refusedAnswer(error)
    if (ours) report(error)
    return reply.code(status).header('cache-control', 'no-store').send(body)
  })
  app.setNotFoundHandler((request) => {
    throw nothingAt(request)
  })
  return app
}

async function assemble(app: FastifyInstance, options: ConsoleOptions, feed: LiveFeed): Promise<void> {
  const { source, clock, version } = options
  const { host, token, allowedHosts = [], openReading = isLoopback(host) } = options
  const doorman = new Doorman({ host, allowedHosts, token, openReading })
  await app.register(fastifyWebsocket, {
    options: { maxPayload: watcherMessageBytesMax, perMessageDeflate: false, handleProtocols: liveProtocol },
    errorHandler: (_, socket) => socket.terminate(),
    preClose: (done) => done(),
  })
  // After the plugin: its own hook must have seen an upgrade, or the socket of a refused one stays open.
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders)
    const refusal = doorman.place(request.headers)
    if (refusal !== undefined) throw new RefusedError(refusal.code, refusal.message, refusal.mend)
  })
  const admitReader = async (request: FastifyRequest): Promise<void> => admit(doorman, 'read', request)
  app.get(liveFeedPath, { websocket: true, onRequest: admitReader }, (socket) => feed.watch(socket))
  serveRest(app, { source, clock, version, doorman, history: () => feed.history })
  app.get(metricsPath, async (_, reply) => {
    const samples: MetricSample[] = [...consoleSamples(feed), ...(await sourceSamples(source))]
    const { contentType, text } = await exposition(samples)
    return reply.type(contentType).header('cache-control', 'no-store').send(text)
  })
}

/** Never says a token back. */
function liveProtocol(offered: Set<string>): string | false {
  if (offered.has(liveFeedProtocol)) return liveFeedProtocol
  return [...offered].find((name) => !name.startsWith(bearerProtocolPrefix)) ?? false
}

async function listen(app: FastifyInstance, { host, port }: ConsoleOptions): Promise<void> {
  try {
    await app.listen({ host, port })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause
    throw new HawserError('PORT_IN_USE', `port ${port} on ${host} is in use`, {
      cause,
      mend: `choose another one, as --http-port ${port + 10_000 > 65_535 ? 0 : port + 10_000}`,
    })
  }
}
