/**
 * Every REST route as data. The server registers, the client calls and OpenAPI describes what stands here, so the
 * three cannot differ.
 */
import type * as z from 'zod'
import { banCommandSchema, banSchema, bansSchema, banTargetSchema, reloadReportSchema } from './model/ban.ts'
import { clientPageSchema, clientQuerySchema } from './model/client.ts'
import {
  doneSchema,
  drainCommandSchema,
  kickCommandSchema,
  machineHistoryQuerySchema,
  publishCommandSchema,
  publishReceiptSchema,
} from './model/command.ts'
import {
  connectorNameSchema,
  connectorsSchema,
  deadLetterQuerySchema,
  deadLettersSchema,
  dryRunQuerySchema,
  dryRunSchema,
  replayReportSchema,
  seekCommandSchema,
} from './model/connector.ts'
import { brokersSchema, healthSchema, livenessSchema, tcpCheckSchema } from './model/health.ts'
import { historySchema } from './model/live.ts'
import { machineHistorySchema } from './model/machine.ts'
import { snapshotSchema } from './model/snapshot.ts'
import { topicPageSchema, topicQuerySchema } from './model/topic.ts'
import {
  traceCommandSchema,
  tracePageSchema,
  traceReadSchema,
  traceStartedSchema,
  traceStopSchema,
} from './model/trace.ts'

export interface Route {
  readonly method: 'GET' | 'POST'
  readonly path: `/api/v1/${string}`
  /** A short address for people and for the tools that know it. */
  readonly alias?: `/${string}`
  readonly summary: string
  /** `probe` answers whoever may reach the port; `read` is open on loopback alone; `change` always needs the token. */
  readonly access: 'probe' | 'read' | 'change'
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodObject
  readonly response: z.ZodObject
  readonly status?: 200 | 202
  /** A status that bears the same body and says no. */
  readonly negative?: 503
}

export const api = {
  health: {
    method: 'GET',
    path: '/api/v1/health',
    alias: '/health',
    summary: 'Whether every part works, part by part',
    access: 'probe',
    response: healthSchema,
    negative: 503,
  },
  ready: {
    method: 'GET',
    path: '/api/v1/ready',
    alias: '/ready',
    summary: 'Whether clients should be sent here: the broker runs and the log takes records',
    access: 'probe',
    response: healthSchema,
    negative: 503,
  },
  live: {
    method: 'GET',
    path: '/api/v1/alive',
    alias: '/live',
    summary: 'Whether the process answers at all; a restart is due when it does not',
    access: 'probe',
    response: livenessSchema,
  },
  brokers: {
    method: 'GET',
    path: '/api/v1/brokers',
    alias: '/brokers',
    summary: 'The broker nodes and what each counts',
    access: 'read',
    response: brokersSchema,
  },
  clients: {
    method: 'GET',
    path: '/api/v1/clients',
    alias: '/clients',
    summary: 'Clients and sessions, by client id',
    access: 'read',
    query: clientQuerySchema,
    response: clientPageSchema,
  },
  tcpCheck: {
    method: 'GET',
    path: '/api/v1/tcp-check',
    alias: '/tcp-check',
    summary: 'Opens a TCP connection to every listener and says how long it took',
    access: 'read',
    response: tcpCheckSchema,
    negative: 503,
  },
  snapshot: {
    method: 'GET',
    path: '/api/v1/snapshot',
    summary: 'The state of everything at this moment',
    access: 'read',
    response: snapshotSchema,
  },
  history: {
    method: 'GET',
    path: '/api/v1/history',
    summary: 'Rates of the last minutes, one point a second',
    access: 'read',
    response: historySchema,
  },
  topics: {
    method: 'GET',
    path: '/api/v1/topics',
    summary: 'Topics seen, with their last values',
    access: 'read',
    query: topicQuerySchema,
    response: topicPageSchema,
  },
  machineHistory: {
    method: 'GET',
    path: '/api/v1/machines/history',
    summary: 'KPI windows, states and alarms of one machine over time',
    access: 'read',
    query: machineHistoryQuerySchema,
    response: machineHistorySchema,
  },
  publish: {
    method: 'POST',
    path: '/api/v1/publish',
    summary: 'Publishes one message',
    access: 'change',
    body: publishCommandSchema,
    response: publishReceiptSchema,
  },
  kickClient: {
    method: 'POST',
    path: '/api/v1/clients/kick',
    summary: 'Disconnects a client; its session stays',
    access: 'change',
    body: kickCommandSchema,
    response: doneSchema,
  },
  bans: {
    method: 'GET',
    path: '/api/v1/bans',
    summary: 'Who is not let in',
    access: 'read',
    response: bansSchema,
  },
  ban: {
    method: 'POST',
    path: '/api/v1/bans/add',
    summary: 'Bans a client identifier, user name or address, and closes its connections; it outlives a restart',
    access: 'change',
    body: banCommandSchema,
    response: banSchema,
  },
  unban: {
    method: 'POST',
    path: '/api/v1/bans/remove',
    summary: 'Takes a ban back',
    access: 'change',
    body: banTargetSchema,
    response: doneSchema,
  },
  reload: {
    method: 'POST',
    path: '/api/v1/reload',
    summary:
      'Reads the configuration again and puts in force what can change while clients stay; a bad one changes nothing',
    access: 'change',
    response: reloadReportSchema,
  },
  startTrace: {
    method: 'POST',
    path: '/api/v1/traces/start',
    summary: 'Begins to trace the packets of a client, an address or a topic',
    access: 'change',
    body: traceCommandSchema,
    response: traceStartedSchema,
  },
  readTrace: {
    method: 'POST',
    path: '/api/v1/traces/read',
    summary: 'What a trace has told since the last time',
    access: 'change',
    body: traceReadSchema,
    response: tracePageSchema,
  },
  stopTrace: {
    method: 'POST',
    path: '/api/v1/traces/stop',
    summary: 'Ends a trace; what it has told can still be read',
    access: 'change',
    body: traceStopSchema,
    response: doneSchema,
  },
  connectors: {
    method: 'GET',
    path: '/api/v1/connectors',
    summary: 'The readers of the log: where each stands and what it counts',
    access: 'read',
    response: connectorsSchema,
  },
  pauseConnector: {
    method: 'POST',
    path: '/api/v1/connectors/:name/pause',
    summary: 'Holds a connector where it is; its lag grows and nothing is lost',
    access: 'change',
    params: connectorNameSchema,
    response: doneSchema,
  },
  resumeConnector: {
    method: 'POST',
    path: '/api/v1/connectors/:name/resume',
    summary: 'Lets a paused connector go on',
    access: 'change',
    params: connectorNameSchema,
    response: doneSchema,
  },
  seekConnector: {
    method: 'POST',
    path: '/api/v1/connectors/:name/seek',
    summary: 'Moves the place of a connector, at once or when its sink answers again; a failed one goes on there',
    access: 'change',
    params: connectorNameSchema,
    body: seekCommandSchema,
    response: doneSchema,
  },
  deadLetters: {
    method: 'GET',
    path: '/api/v1/connectors/:name/dead-letters',
    summary: 'What its sink has refused for good, the oldest first',
    access: 'read',
    params: connectorNameSchema,
    query: deadLetterQuerySchema,
    response: deadLettersSchema,
  },
  dryRunConnector: {
    method: 'GET',
    path: '/api/v1/connectors/:name/dry-run',
    summary: 'What its rules make of the messages that come next from its place, which does not move',
    access: 'read',
    params: connectorNameSchema,
    query: dryRunQuerySchema,
    response: dryRunSchema,
  },
  replayDeadLetters: {
    method: 'POST',
    path: '/api/v1/connectors/:name/dead-letters/replay',
    summary: 'Reads up to 1,000 dead letters from the log again and writes them as at first',
    access: 'change',
    params: connectorNameSchema,
    response: replayReportSchema,
  },
  drain: {
    method: 'POST',
    path: '/api/v1/drain',
    summary: 'Lets nobody in any more, sends the clients of this node away at a pace, and then stops it',
    access: 'change',
    body: drainCommandSchema,
    response: doneSchema,
    status: 202,
  },
  stop: {
    method: 'POST',
    path: '/api/v1/stop',
    summary: 'Begins the graceful stop',
    access: 'change',
    response: doneSchema,
    status: 202,
  },
} as const satisfies Record<string, Route>

/** Beside the routes: text for Prometheus, a WebSocket, and the description of all this. */
export const metricsPath = '/metrics'
export const liveFeedPath = '/api/v1/live'
export const openApiPath = '/api/openapi.json'
/** The WebSocket's subprotocol; `bearer.TOKEN` may stand beside it, since browsers cannot send headers with it. */
export const liveFeedProtocol = 'hawser.live.v1'
export const bearerProtocolPrefix = 'bearer.'

type Given<Schema> = Schema extends z.ZodObject ? z.output<Schema> : undefined
type Sent<Schema> = Schema extends z.ZodObject ? z.input<Schema> : undefined
type Part<R, Key extends string> = R extends { readonly [K in Key]: infer Schema } ? Schema : undefined

/** What a handler is given, after validation. */
export interface RouteInput<R extends Route> {
  readonly params: Given<Part<R, 'params'>>
  readonly query: Given<Part<R, 'query'>>
  readonly body: Given<Part<R, 'body'>>
}

/** What a caller says: no key for what the route does not take, and defaults may be left out. */
export type RouteCall<R extends Route> = {
  readonly [K in 'params' | 'query' | 'body' as Sent<Part<R, K>> extends undefined ? never : K]: Sent<Part<R, K>>
}

export type RouteOutput<R extends Route> = z.output<R['response']>
