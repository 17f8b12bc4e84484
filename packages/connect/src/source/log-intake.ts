/** From a source into the log: names go along with messages, and what comes again under one is dropped. */
import type { LogId, MessageLog } from '@hawser/engine'
import { HawserError } from '@hawser/std'
import { eventIdOf, withEventId } from '../message/event-id.ts'
import type { Statistics } from '../runner/statistics/statistics.ts'
import type { RecentIds } from './recent-ids.ts'
import type { Incoming, Intake, PassedOver, Taken } from './source.ts'

/**
 * Resolves once the log has the message durably, at QoS 0 at once; with false where the log refused it. Appends before
 * it returns, and throws a `RangeError` where the message is larger than a record may be.
 */
export type PublishToLog = (message: Omit<Incoming, 'eventId'>) => Promise<boolean>

export interface IntakeFigures {
  taken: number
  duplicates: number
  refused: number
  readonly statistics: Statistics
}

export interface LogIntakeParts {
  readonly log: MessageLog
  readonly publish: PublishToLog
  readonly recent: RecentIds
  /** Counted here. */
  readonly figures: IntakeFigures
  readonly onRefused: (reason: string) => void
}

const duplicate = { kind: 'duplicate' } as const

export class LogIntake implements Intake {
  readonly logId: LogId
  readonly #parts: LogIntakeParts
  /** Not durable yet; the bound is what the source has under way. */
  readonly #underWay = new Map<string, Promise<Taken>>()

  constructor(parts: LogIntakeParts) {
    this.#parts = parts
    this.logId = parts.log.id
  }

  take(message: Incoming): Promise<Taken> {
    const { userProperties = [] } = message.properties
    const eventId = message.eventId ?? eventIdOf(userProperties)
    if (eventId === undefined) return this.#publish(message)
    const other = this.#underWay.get(eventId)
    if (other !== undefined) return this.#behind(other)
    if (this.#parts.recent.has(eventId)) return this.#counted(duplicate)
    const properties = { ...message.properties, userProperties: withEventId(userProperties, eventId) }
    const taken = this.#publish({ ...message, properties })
    this.#underWay.set(eventId, taken)
    return taken.finally(() => this.#underWay.delete(eventId)).then((answer) => this.#remember(eventId, answer))
  }

  passOver(what: PassedOver): void {
    const { figures, onRefused } = this.#parts
    if (what.kind === 'duplicate') figures.duplicates++
    else {
      figures.refused++
      onRefused(what.reason)
    }
  }

  async #publish({ eventId: _, ...message }: Incoming): Promise<Taken> {
    const { publish, figures, log } = this.#parts
    try {
      if (!(await publish(message))) throw refusedByLog(log)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      return this.#counted({ kind: 'refused', reason: `${message.topic}: ${error.message}` })
    }
    figures.taken++
    figures.statistics.message(message.payload.length)
    return { kind: 'taken' }
  }

  /** It is done once the other is: what fails is sent again by the origin, as the other. */
  async #behind(other: Promise<Taken>): Promise<Taken> {
    await other
    return this.#counted(duplicate)
  }

  async #counted(what: PassedOver): Promise<Taken> {
    this.passOver(what)
    return what
  }

  #remember(eventId: string, answer: Taken): Taken {
    if (answer.kind === 'taken') this.#parts.recent.add(eventId)
    return answer
  }
}

function refusedByLog({ status }: MessageLog): HawserError {
  const why = status.kind === 'open' ? 'the log takes nothing now' : status.error.line
  return new HawserError('DISK_FULL', why, { retryable: true })
}
