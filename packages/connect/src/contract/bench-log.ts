/** A log in memory with what the contract needs around it: appends by topic, and runs that can be waited for. */
import { MessageChannel } from 'node:worker_threads'
import {
  appendPublish,
  type LogId,
  type MessageLog,
  neverExpires,
  packedSource,
  partition,
  publishFlag,
} from '@hawser/engine'
import { createMemoryLog, type MemoryLogOptions } from '@hawser/engine/memory'
import { type EpochMicros, epochMicros, milliseconds, type SessionNumber, seededRandom, systemClock } from '@hawser/std'
import type { Connector } from '../connector.ts'
import type { RunnerLimits } from '../runner/limits.ts'
import { type ConnectorRun, runConnector } from '../runner/run-connector.ts'
import type { ConnectorView } from '../runner/view.ts'

const waitMsMax = milliseconds(30_000)
const appendTimeFirst = 1_700_000_000_000_000

export const testLimits: Partial<RunnerLimits> = {
  batchMessagesMax: 7,
  lingerMs: milliseconds(0),
  idleMs: milliseconds(10),
  backoffMsMin: milliseconds(5),
  backoffMsMax: milliseconds(20),
}

export const contractLog = (options: MemoryLogOptions = {}): MessageLog =>
  createMemoryLog({ own: partition(3), ...options })

const clientId = Buffer.from('publisher-1')
const noProperties = new Uint8Array(0)
const appended = new WeakMap<MessageLog, number>()

export interface AppendOptions {
  /** A millisecond after the one before unless said. */
  readonly appendTime?: EpochMicros
  readonly retain?: boolean
  readonly expirySeconds?: number
}

/** A QoS 1 publish. */
export function append(log: MessageLog, topic: string, payload: string | Buffer, options: AppendOptions = {}): void {
  const source = packedSource(topic, noProperties, Buffer.from(payload))
  const count = appended.get(log) ?? 0
  appended.set(log, count + 1)
  const { appendTime, retain = false, expirySeconds = neverExpires } = options
  const publishedAt = appendTime ?? epochMicros(appendTimeFirst + count * 1000)
  const flags = 1 | (retain ? publishFlag.retain : 0)
  if (!appendPublish(log, flags, source, clientId, 1 as SessionNumber, 0, expirySeconds, publishedAt)) {
    throw new Error('the log takes nothing')
  }
}

/** `count` messages with a running number, every second one on a topic that `t/+` does not match. */
export function appendMany(log: MessageLog, count: number): void {
  for (let number = 0; number < count; number++) append(log, number % 2 === 0 ? 't/a' : 'other', `{"n":${number}}`)
}

/** Resolves when everything appended so far is committed. */
export async function committed(log: MessageLog): Promise<void> {
  if (headOf(log) > log.lastTicket) return
  const { promise, resolve } = Promise.withResolvers<void>()
  using _listener = log.onCommit(() => headOf(log) > log.lastTicket && resolve())
  await promise
}

const headOf = (log: MessageLog): number => log.partitions()[0]?.end ?? 0

export interface WatchedRun<Run = ConnectorRun> extends AsyncDisposable {
  readonly run: Run
  /** Resolves with the first view that satisfies; rejects, saying the last one, where none does in time. */
  until(satisfied: (view: ConnectorView) => boolean): Promise<ConnectorView>
}

/** `notices` is filled with what an operator is told. */
export function watch(
  log: MessageLog,
  connector: Connector,
  limits: Partial<RunnerLimits> = {},
  notices: string[] = [],
): WatchedRun {
  return watched((onChange) =>
    runConnector({
      log,
      connector,
      clock: systemClock,
      random: seededRandom(1),
      signal: new AbortController().signal,
      limits: { ...testLimits, ...limits },
      onNotice: (line) => notices.push(line),
      onChange,
    }),
  )
}

interface Viewed extends AsyncDisposable {
  view(): ConnectorView
}

/** Starts a run that tells its changes. */
export function watched<Run extends Viewed>(start: (onChange: (view: ConnectorView) => void) => Run): WatchedRun<Run> {
  const listeners = new Set<(view: ConnectorView) => void>()
  const run = start((view) => {
    for (const listener of [...listeners]) listener(view)
  })
  return {
    run,
    until: (satisfied) => waitFor(run, listeners, satisfied),
    [Symbol.asyncDispose]: () => run[Symbol.asyncDispose](),
  }
}

async function waitFor(
  run: Viewed,
  listeners: Set<(view: ConnectorView) => void>,
  satisfied: (view: ConnectorView) => boolean,
): Promise<ConnectorView> {
  const { promise, resolve, reject } = Promise.withResolvers<ConnectorView>()
  const listener = (view: ConnectorView): void => {
    if (satisfied(view)) resolve(view)
  }
  listeners.add(listener)
  listener(run.view())
  const deadline = systemClock.after(waitMsMax, () => reject(new Error(`not reached: ${JSON.stringify(run.view())}`)))
  // The clock's timers do not keep the process alive, a port does.
  const { port1: keepAlive } = new MessageChannel()
  keepAlive.ref()
  try {
    return await promise
  } finally {
    keepAlive.close()
    deadline[Symbol.dispose]()
    listeners.delete(listener)
  }
}

export const isCaughtUp = (view: ConnectorView): boolean => view.state.kind === 'running' && view.lag.messages === 0
export const logId = (id: string): LogId => id as LogId
