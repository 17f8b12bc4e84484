/** What a check is, and what it is given. */
import type { Snapshot } from '@hawser/admin'
import type { ScenarioName } from '@hawser/simulate'
import type { Clock, Random } from '@hawser/std'
import type { Finding, Subject } from './finding.ts'
import type { ConnectMqtt, ConsolePort, StartComponent } from './ports/ports.ts'

export interface CheckContext {
  readonly console: ConsolePort
  readonly connect: ConnectMqtt
  readonly startComponent: StartComponent
  readonly clock: Clock
  readonly random: Random
  /** Aborts when no check may wait any longer. */
  readonly timeUp: AbortSignal
  readonly brokerUrls: { readonly tcp: string; readonly webSocket: string }
  /** How many there are of a kind of device, where that was said. */
  readonly scale: Readonly<Record<string, number>>
}

/** What the console said at the start. */
export interface ConsoleContext extends CheckContext {
  readonly snapshot: Snapshot
  /** The simulated scenarios among the supervised parts. */
  readonly scenarios: readonly ScenarioName[]
}

interface Named {
  /** Stands for the check's findings where it could not be made. */
  readonly subject: Subject
}

export type Check =
  | (Named & { readonly needs: 'nothing'; run(context: CheckContext): Promise<readonly Finding[]> })
  | (Named & { readonly needs: 'console'; run(context: ConsoleContext): Promise<readonly Finding[]> })
