/** Registers the routes of the table: who may call, what is taken, which status the answer has. */
import { api, openApiDocument, openApiPath, type Route } from '@hawser/admin'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Doorman } from '../security/doorman.ts'
import { type HandlerContext, type Handlers, handlers } from './handlers.ts'
import { RefusedError } from './refused.ts'

type LooseHandler = (input: { params: unknown; query: unknown; body: unknown }) => Promise<{ readonly ok?: boolean }>

export interface RestOptions extends HandlerContext {
  readonly doorman: Doorman
  readonly version: string
}

export function serveRest(app: FastifyInstance, options: RestOptions): void {
  const handle: Handlers = handlers(options)
  for (const name of Object.keys(api) as (keyof typeof api)[]) {
    const route: Route = api[name]
    for (const url of route.alias === undefined ? [route.path] : [route.path, route.alias]) {
      app.route({
        method: route.method,
        url,
        onRequest: async (request) => admit(options.doorman, route.access, request),
        handler: (request, reply) => answer(route, handle[name] as LooseHandler, request, reply),
      })
    }
  }
  const description = openApiDocument(options.version)
  app.get(openApiPath, async (_, reply) => uncached(reply).send(description))
}

export function admit(doorman: Doorman, access: Route['access'], request: FastifyRequest): void {
  if (access === 'probe' || (access === 'read' && doorman.openReading)) return
  const refusal = doorman.token(request.headers)
  if (refusal !== undefined) throw new RefusedError(refusal.code, refusal.message, refusal.mend)
}

async function answer(
  route: Route,
  handle: LooseHandler,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const result = await handle({
    params: checked(route.params, request.params, 'the path'),
    query: checked(route.query, request.query, 'the query'),
    body: checked(route.body, request.body, 'the body'),
  })
  const negative = route.negative !== undefined && result.ok === false
  return uncached(reply)
    .code(negative ? route.negative : (route.status ?? 200))
    .send(result)
}

function checked(schema: Route['body'] | undefined, given: unknown, where: string): unknown {
  if (schema === undefined) return undefined
  const parsed = schema.safeParse(given ?? {})
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new RefusedError(
    'INVALID_REQUEST',
    `${where} is wrong at ${issue?.path.join('.') || 'its start'}: ${issue?.message}`,
  )
}

const uncached = (reply: FastifyReply): FastifyReply => reply.header('cache-control', 'no-store')
