/** The OpenAPI 3.1 description of the routes, made from the schemas that the server validates with. */
import * as z from 'zod'
import { api, liveFeedPath, type Route } from './api.ts'

type Json = Readonly<Record<string, unknown>>

const reference = (name: string): string => `#/components/schemas/${name}`
const securityScheme = 'token'

export function openApiDocument(version: string): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const [operationId, route] of Object.entries<Route>(api)) {
    for (const path of route.alias === undefined ? [route.path] : [route.path, route.alias]) {
      const template = path.replaceAll(/:(\w+)/g, '{$1}')
      const id = path === route.path ? operationId : `${operationId}Alias`
      paths[template] = { ...paths[template], [route.method.toLowerCase()]: operation(id, route) }
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Hawser',
      version,
      description:
        'What can be asked of a running Hawser and told to it. ' +
        `The live feed is a WebSocket at ${liveFeedPath}; each of its messages is a LiveMessage.`,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: componentSchemas(),
      securitySchemes: { [securityScheme]: { type: 'http', scheme: 'bearer' } },
    },
  }
}

function operation(operationId: string, route: Route): Json {
  const answer = content(reference(nameOf(route.response)))
  return {
    operationId,
    summary: route.summary,
    ...(route.access === 'change' ? { security: [{ [securityScheme]: [] }] } : {}),
    parameters: [...parameters('path', route.params), ...parameters('query', route.query)],
    ...(route.body === undefined ? {} : { requestBody: { required: true, ...content(reference(nameOf(route.body))) } }),
    responses: {
      [route.status ?? 200]: { description: 'Done', ...answer },
      ...(route.negative === undefined ? {} : { [route.negative]: { description: 'Not all is well', ...answer } }),
      default: { description: 'Refused', ...content(reference('ApiError')) },
    },
  }
}

const content = ($ref: string): Json => ({ content: { 'application/json': { schema: { $ref } } } })

function parameters(place: 'path' | 'query', schema: z.ZodObject | undefined): readonly Json[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' })
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: coercedFromText(property),
  }))
}

/** A number that is coerced from the query's text has no type on its input side. */
function coercedFromText(property: z.core.JSONSchema._JSONSchema): z.core.JSONSchema._JSONSchema {
  if (typeof property === 'boolean' || property.type !== undefined) return property
  return { ...property, type: 'integer' }
}

/** Bodies as they may be sent (defaults left out), all others as they come. */
function componentSchemas(): Json {
  const bodies = new Set(Object.values<Route>(api).flatMap(({ body }) => (body === undefined ? [] : [nameOf(body)])))
  const uri = (id: string): string => reference(id)
  const sent = z.toJSONSchema(z.globalRegistry, { uri, io: 'input' }).schemas
  const given = z.toJSONSchema(z.globalRegistry, { uri, io: 'output' }).schemas
  const names = Object.keys(given).sort()
  return Object.fromEntries(names.map((name) => [name, withoutHead(bodies.has(name) ? sent[name] : given[name])]))
}

function withoutHead(schema: z.core.JSONSchema.BaseSchema | undefined): Json {
  const { $schema: _dialect, $id: _id, ...rest } = schema ?? {}
  return rest
}

function nameOf(schema: z.ZodType): string {
  const name = z.globalRegistry.get(schema)?.id
  if (name === undefined) throw new TypeError('a body or answer in the route table has no id')
  return name
}
