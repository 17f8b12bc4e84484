/** Makes all checks at once, and tells what they find in a fixed order, each as soon as those before it are told. */
import { type ScenarioName, scenarioNames } from '@hawser/simulate'
import { type Clock, HawserError, type Milliseconds, milliseconds, type Random } from '@hawser/std'
import type { Check, CheckContext, ConsoleContext } from './check.ts'
import { connectorsCheck } from './checks/connectors.ts'
import { consoleCheck, consoleSubject } from './checks/console.ts'
import { devicesCheck } from './checks/devices.ts'
import { kpiRowsCheck } from './checks/kpi-rows.ts'
import { logCheck } from './checks/log.ts'
import { metricsCheck } from './checks/metrics.ts'
import { partsCheck } from './checks/parts.ts'
import { processorCheck } from './checks/processor.ts'
import { tcpCheck, webSocketCheck } from './checks/round-trip.ts'
import { stopCommandCheck } from './checks/stop-command.ts'
import { type Finding, failed, skipped } from './finding.ts'
import type { ConnectMqtt, ConsolePort, StartComponent } from './ports/ports.ts'
import { listenerUrl, reachConsole } from './reach.ts'
import { before, whyOf } from './waiting.ts'

export interface DoctorOptions {
  readonly console: ConsolePort
  readonly connect: ConnectMqtt
  readonly startComponent: StartComponent
  readonly clock: Clock
  readonly random: Random
  /** How long a check may wait for what should happen. */
  readonly timeout: Milliseconds
  /** In place of what the console says. */
  readonly mqttUrl?: string | undefined
  /** Where to look while the console does not say. */
  readonly defaultUrls: CheckContext['brokerUrls']
  readonly scale: CheckContext['scale']
  /** Starts a component of this id, and ends it by its stop command. */
  readonly stopCheckId?: string | undefined
  readonly signal: AbortSignal
}

const checks: readonly Check[] = [
  consoleCheck,
  partsCheck,
  tcpCheck,
  webSocketCheck,
  devicesCheck,
  processorCheck,
  logCheck,
  connectorsCheck,
  kpiRowsCheck,
  metricsCheck,
]

/** After the time is up a check may still say what it has seen, this long. */
const graceMs = milliseconds(1_500)

export async function* runDoctor(options: DoctorOptions): AsyncGenerator<Finding> {
  const { console, clock, timeout, signal, stopCheckId } = options
  using timeUp = deadline(clock, timeout, signal)
  using over = deadline(clock, milliseconds(timeout + graceMs), signal)
  using giveUp = deadline(clock, milliseconds(timeout / 2), timeUp.signal)
  const snapshot = await reachConsole(console, clock, giveUp.signal)
  const context = contextOf(options, snapshot, timeUp.signal)
  const running = [...checks, ...(stopCheckId === undefined ? [] : [stopCommandCheck(stopCheckId)])].map((check) =>
    findingsOf(check, context, snapshot, over.signal),
  )
  for (const findings of running) yield* await findings
}

function contextOf(options: DoctorOptions, snapshot: Snapshot, timeUp: AbortSignal): CheckContext {
  const { console, mqttUrl, defaultUrls } = options
  const listening = (kind: 'mqtt' | 'ws') =>
    snapshot instanceof HawserError ? undefined : listenerUrl(snapshot.broker, kind, console.url)
  return {
    ...options,
    timeUp,
    brokerUrls: {
      tcp: mqttUrl ?? listening('mqtt') ?? defaultUrls.tcp,
      webSocket: listening('ws') ?? defaultUrls.webSocket,
    },
  }
}

type Snapshot = Awaited<ReturnType<typeof reachConsole>>

async function findingsOf(
  check: Check,
  context: CheckContext,
  snapshot: Snapshot,
  over: AbortSignal,
): Promise<readonly Finding[]> {
  const { subject } = check
  try {
    if (check.needs === 'nothing') return await before(check.run(context), over)
    if (snapshot instanceof HawserError) return [withoutConsole(check, snapshot)]
    return await before(check.run(withScenarios(context, snapshot)), over)
  } catch (error) {
    const mend = error instanceof HawserError ? error.mend : undefined
    return [failed(subject, whyOf(error), mend ?? 'see the log file of hawser up')]
  }
}

function withoutConsole({ subject }: Check, { message, mend }: HawserError): Finding {
  if (subject === consoleSubject) {
    return failed(subject, `${message}; its process is the part core`, mend ?? 'is it a Hawser console?')
  }
  return skipped(subject, 'cannot be seen while the console does not answer')
}

function withScenarios(context: CheckContext, snapshot: ConsoleContext['snapshot']): ConsoleContext {
  const isPart = (name: ScenarioName): boolean => snapshot.parts.some((part) => part.name === name)
  return { ...context, snapshot, scenarios: scenarioNames.filter(isPart) }
}

/** Aborts after a while, or with another signal. */
function deadline(clock: Clock, delay: Milliseconds, signal: AbortSignal) {
  const late = new AbortController()
  const timer = clock.after(delay, () => late.abort(new Error(`no answer within ${delay / 1000} s`)))
  return { signal: AbortSignal.any([signal, late.signal]), [Symbol.dispose]: () => timer[Symbol.dispose]() }
}
