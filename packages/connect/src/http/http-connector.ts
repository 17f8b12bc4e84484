/** Opens the way to a server: the cursor is taken over first, so that an earlier owner sends no more. */
import type { LogId, StateStore } from '@hawser/engine'
import type { Clock } from '@hawser/std'
import type { Connector, Sink } from '../connector.ts'
import { openCursor } from '../cursor-store.ts'
import { KeptLetters } from '../kept-letters.ts'
import type { RunnerLimits } from '../runner/limits.ts'
import { HttpClient, type HttpTarget } from './client.ts'
import { type HttpBounds, type HttpForm, HttpSink } from './http-sink.ts'

export interface HttpConnectorOptions {
  readonly name: string
  readonly kind: string
  readonly filters: readonly string[]
  readonly begin: Connector['begin']
  readonly target: Omit<HttpTarget, 'connectionsMax'>
  readonly form: HttpForm
  readonly bounds: HttpBounds
  /** Where the cursor and the dead letters are kept. */
  readonly state: StateStore
  readonly clock: Clock
  readonly limits: Partial<RunnerLimits>
}

export function httpConnector(options: HttpConnectorOptions): Connector {
  const { name, kind, filters, begin, limits } = options
  return { name, kind, filters, begin, limits, open: (logId) => openHttpSink(options, logId) }
}

async function openHttpSink(options: HttpConnectorOptions, logId: LogId): Promise<Sink> {
  const { name, target, form, bounds, state, clock } = options
  const cursor = await openCursor(state, name, logId)
  const letters = await KeptLetters.open(state, name, logId)
  const client = new HttpClient({ ...target, connectionsMax: bounds.inFlightMax }, clock)
  return new HttpSink({ url: target.url, logId, form, bounds, client, cursor, letters, clock })
}
