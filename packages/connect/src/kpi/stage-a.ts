/** Stage A over batches of messages: what changes is computed first and adopted once it is stored. */
import type { LogId } from '@hawser/engine'
import type { EpochMicros } from '@hawser/std'
import {
  type AccumulatorRow,
  type AlarmEdge,
  emptyMachineState,
  type MachineState,
  type Reading,
  readTelemetry,
  type Specification,
  stepMachine,
} from '@hawser/streams'
import type { Message } from '../connector.ts'

export interface MachineAlarm extends AlarmEdge {
  readonly key: string
}

/** An admitted or dated reading that is in no window. */
export interface AsideReading {
  readonly key: string
  readonly reason: 'future' | 'late' | 'sealed'
  readonly reading: Reading
}

export interface RefusedMessage {
  readonly message: Message
  readonly reason: string
}

export interface StageAChange {
  /** Of machines whose state has changed. */
  readonly states: ReadonlyMap<string, MachineState>
  readonly rows: readonly AccumulatorRow[]
  readonly alarmsAdded: readonly MachineAlarm[]
  readonly alarmsRemoved: readonly MachineAlarm[]
  readonly aside: readonly AsideReading[]
  readonly refused: readonly RefusedMessage[]
}

export class StageA {
  readonly specification: Specification
  readonly #states: Map<string, MachineState>

  constructor(specification: Specification, states: Iterable<readonly [key: string, state: MachineState]> = []) {
    this.specification = specification
    this.#states = new Map(states)
  }

  apply(logId: LogId, messages: readonly Message[], seenUntil: EpochMicros): StageAChange {
    const read = readMessages(this.specification, logId, messages)
    return this.#step(read, seenUntil)
  }

  /** What time alone changes: windows become final. */
  tick(seenUntil: EpochMicros): StageAChange {
    const readings = new Map([...this.#states.keys()].map((key) => [key, []]))
    return this.#step({ readings, aside: [], refused: [] }, seenUntil)
  }

  adopt(change: StageAChange): void {
    for (const [key, state] of change.states) this.#states.set(key, state)
  }

  #step({ readings, aside, refused }: ReadMessages, seenUntil: EpochMicros): StageAChange {
    const states = new Map<string, MachineState>()
    const rows: AccumulatorRow[] = []
    const alarmsAdded: MachineAlarm[] = []
    const alarmsRemoved: MachineAlarm[] = []
    const allAside = [...aside]
    for (const [key, ofMachine] of readings) {
      const before = this.#states.get(key) ?? emptyMachineState
      const step = stepMachine(this.specification, key, before, ofMachine, seenUntil)
      if (step.state !== before) states.set(key, step.state)
      rows.push(...step.rows)
      alarmsAdded.push(...step.alarms.added.map((edge) => ({ ...edge, key })))
      alarmsRemoved.push(...step.alarms.removed.map((edge) => ({ ...edge, key })))
      allAside.push(...step.sealed.map((reading) => ({ key, reason: 'sealed' as const, reading })))
    }
    return { states, rows, alarmsAdded, alarmsRemoved, aside: allAside, refused }
  }
}

interface ReadMessages {
  readonly readings: ReadonlyMap<string, readonly Reading[]>
  readonly aside: readonly AsideReading[]
  readonly refused: readonly RefusedMessage[]
}

function readMessages(specification: Specification, logId: LogId, messages: readonly Message[]): ReadMessages {
  const readings = new Map<string, Reading[]>()
  const aside: AsideReading[] = []
  const refused: RefusedMessage[] = []
  for (const message of messages) {
    const { partition, position, ingestedAt: appendTime, topic } = message
    const source = { logId, partition, position, appendTime, topic }
    for (const outcome of readTelemetry(specification, source, message.payload)) {
      switch (outcome.kind) {
        case 'admitted':
          appendTo(readings, outcome.key, outcome.reading)
          break
        case 'aside':
          aside.push({ key: outcome.key, reason: outcome.reason, reading: outcome.reading })
          break
        case 'refused':
          refused.push({ message, reason: `${outcome.reason}: ${outcome.detail}` })
          break
        default:
          throw outcome satisfies never
      }
    }
  }
  return { readings, aside, refused }
}

function appendTo(readings: Map<string, Reading[]>, key: string, reading: Reading): void {
  const known = readings.get(key)
  if (known === undefined) readings.set(key, [reading])
  else known.push(reading)
}

/** How many messages cannot be read: an array may be refused in several of its elements. */
export const refusedMessages = (change: StageAChange): number =>
  new Set(change.refused.map(({ message }) => message)).size
