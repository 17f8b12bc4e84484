/** A hostile load: what it does, how large it is, and what must hold while it does it. */
import type { Clock } from '@hawser/std'
import type { BrokerFigures } from '../watch/pulse.ts'

export interface Target {
  readonly ports: Readonly<Record<string, number>>
  /** Clients, or what the load counts in their place. */
  readonly count: number
  readonly clock: Clock
}

export interface Outcome {
  /** What the load itself measured, by name, the unit last. */
  readonly figures: Readonly<Record<string, number>>
  /** What did not happen that had to. */
  readonly complaints: readonly string[]
}

/** What a broker may take for a load. */
export interface MemoryBound {
  /** Whatever the count. */
  readonly mebibytes: number
  readonly kibibytesEach: number
}

export interface Load {
  readonly says: string
  /** Of the whole `--connections`, how many this load takes: 0.01 for one in a hundred. */
  readonly share: number
  readonly briefCount: number
  readonly memory: MemoryBound
  run(target: Target): Promise<Outcome>
  /** What must hold of the broker's own figures when it is over. */
  judge?(figures: BrokerFigures, count: number): readonly string[]
}
