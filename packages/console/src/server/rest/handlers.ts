/** What each route of the table does. */
import type { api, HawserSource, Health, History, RouteInput, RouteOutput, Snapshot } from '@hawser/admin'
import { type Clock, HawserError } from '@hawser/std'
import { healthOf, readinessOf, unreadable } from './health.ts'
import { RefusedError } from './refused.ts'
import { tcpCheck } from './tcp-check.ts'

type Api = typeof api

export type Handlers = {
  readonly [Name in keyof Api]: (input: RouteInput<Api[Name]>) => Promise<RouteOutput<Api[Name]>>
}

export interface HandlerContext {
  readonly source: HawserSource
  readonly clock: Clock
  readonly history: () => History
}

const done = { done: true } as const

export function handlers({ source, clock, history }: HandlerContext): Handlers {
  return {
    health: () => judged(source, healthOf),
    ready: () => judged(source, readinessOf),
    live: async () => ({ ok: true }),
    brokers: async () => ({ brokers: (await source.workers()).map(({ broker }) => broker) }),
    clients: ({ query }) => source.clients(query),
    tcpCheck: async () => tcpCheck((await source.snapshot()).broker.listeners, clock),
    snapshot: () => source.snapshot(),
    history: async () => history(),
    topics: ({ query }) => source.topics(query),
    machineHistory: async ({ query }) => {
      const found = await source.machineHistory(query)
      if (found === undefined) throw new RefusedError('NOT_FOUND', `no machine is called ${query.machine}`)
      return found
    },
    publish: ({ body }) => source.publish(body),
    kickClient: async ({ body }) => {
      if (await source.kick(body.clientId)) return done
      throw new RefusedError('NOT_FOUND', `no client is connected as ${body.clientId}`)
    },
    bans: async () => ({ bans: [...(await source.bans())] }),
    ban: ({ body }) => source.ban(body),
    unban: async ({ body }) => {
      if (await source.unban(body)) return done
      throw new RefusedError('NOT_FOUND', `there is no ban of ${body.kind} ${body.value}`)
    },
    startTrace: ({ body }) => source.startTrace(body),
    readTrace: async ({ body }) => {
      const page = await source.readTrace(body.id, body.after)
      if (page === undefined) throw new RefusedError('NOT_FOUND', `no trace has the id ${body.id}`)
      return page
    },
    stopTrace: async ({ body }) => {
      if (await source.stopTrace(body.id)) return done
      throw new RefusedError('NOT_FOUND', `no trace has the id ${body.id}`)
    },
    reload: () => source.reload().catch(refuseConfiguration),
    pauseConnector: async ({ params }) => known(params.name, await source.pauseConnector(params.name)),
    resumeConnector: async ({ params }) => known(params.name, await source.resumeConnector(params.name)),
    connectors: async () => ({ connectors: (await source.snapshot()).connectors }),
    seekConnector: async ({ params, body }) =>
      known(params.name, await source.seekConnector(params.name, body).catch(refusePlace)),
    deadLetters: async ({ params, query }) => {
      const found = await source.deadLetters(params.name, query.limit)
      if (found === undefined) throw noConnector(params.name)
      return { deadLetters: [...found] }
    },
    dryRunConnector: async ({ params, query }) => {
      const found = await source.dryRunConnector(params.name, query.limit)
      if (found === undefined) throw noConnector(params.name)
      return { messages: [...found] }
    },
    replayDeadLetters: async ({ params }) => {
      const report = await source.replayDeadLetters(params.name)
      if (report === undefined) throw noConnector(params.name)
      return report
    },
    drain: async ({ body }) => {
      await source.drain(body.rate)
      return done
    },
    stop: async () => {
      await source.stop()
      return done
    },
  }
}

/** A bad configuration is whose who wrote it. */
function refuseConfiguration(error: unknown): never {
  if (!(error instanceof HawserError) || error.code !== 'CONFIG_INVALID') throw error
  throw new RefusedError('INVALID_REQUEST', `the old configuration stays in force: ${error.message}`, error.mend)
}

function known(name: string, found: boolean): typeof done {
  if (found) return done
  throw noConnector(name)
}

const noConnector = (name: string): RefusedError => new RefusedError('NOT_FOUND', `no connector is called ${name}`)

/** A place that the log does not have, or a connector that cannot be moved. */
function refusePlace(error: unknown): never {
  if (!(error instanceof HawserError) || !(error.code === 'POSITION_GONE' || error.code === 'USAGE')) throw error
  throw new RefusedError('INVALID_REQUEST', error.message, error.mend)
}

/** A probe answers also when there is nothing to judge by. */
async function judged(source: HawserSource, judge: (snapshot: Snapshot) => Health): Promise<Health> {
  let snapshot: Snapshot
  try {
    snapshot = await source.snapshot()
  } catch (error) {
    return unreadable(error instanceof Error ? error.message : String(error))
  }
  return judge(snapshot)
}
