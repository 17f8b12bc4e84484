/**
 * Puts a new configuration in force while clients stay. It is read, checked and made whole first: a bad one changes
 * nothing, and says why.
 */
import { isDeepStrictEqual } from 'node:util'
import type { ReloadReport } from '@hawser/admin'
import type { Access, ReplaceableAccess } from '@hawser/auth'
import type { Broker } from '@hawser/broker'
import { HawserError } from '@hawser/std'
import type { Configuration } from '../config/configuration.ts'
import { isPlainObject, snakeCase } from '../config/names.ts'
import type { Logger } from '../logging/logger.ts'
import { refuseOpenDoors } from './doors.ts'
import { listenerOptions } from './listeners.ts'

export interface ReloadParts {
  readonly configuration: Configuration
  readonly broker: Broker
  readonly access: Access
  readonly logger: Logger
  /** Reads the configuration again, from where it came. */
  load(): Promise<Configuration>
  /** Opens the access control that a configuration says. */
  openAccess(configuration: Configuration): Promise<Access>
}

/** What a reload puts in force; the other keys take a restart. */
const reloadable = ['limits', 'mqtt', 'listeners', 'auth', 'acl', 'mosquittoAccess', 'allowAnonymous'] as const
const accessKeys = ['auth', 'acl', 'mosquittoAccess', 'allowAnonymous', 'listeners'] as const

export class Reloads {
  readonly #parts: ReloadParts
  #current: Configuration
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: ReloadParts) {
    this.#parts = parts
    this.#current = parts.configuration
  }

  /** One after another. Rejects where the new configuration is bad; the old one stays in force then. */
  reload(): Promise<ReloadReport> {
    const turn = this.#turn.then(() => this.#reload())
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  async #reload(): Promise<ReloadReport> {
    const { logger } = this.#parts
    try {
      const report = await this.#apply()
      for (const each of report.needsRestart) logger.warn(`${each} takes a restart`)
      for (const each of report.faults) logger.error(each)
      logger.info(`configuration reloaded: ${report.changed.join(', ') || 'nothing has changed'}`)
      return report
    } catch (error) {
      const why = error instanceof HawserError ? error.line : String(error)
      logger.error(`the old configuration stays in force: ${why}`)
      throw error
    }
  }

  async #apply(): Promise<ReloadReport> {
    const { load, broker, access, openAccess } = this.#parts
    const before = this.#current
    const next = await load()
    refuseOpenDoors(next)
    const listeners = await listenerOptions(next.listeners)
    const replaceable = isReplaceable(access) ? access : undefined
    const judgesAnew = accessKeys.some((key) => !isDeepStrictEqual(before[key], next[key]))
    const nextAccess = judgesAnew && replaceable !== undefined ? await openAccess(next) : undefined
    const doors = await broker.reload({ listeners, limits: next.limits, protocol: next.mqtt }).catch(async (error) => {
      await nextAccess?.[Symbol.asyncDispose]()
      throw error
    })
    let faults: readonly { readonly where: string; readonly what: string }[] = []
    if (nextAccess !== undefined && replaceable !== undefined) await replaceable.replace(nextAccess)
    else faults = await access.reload()
    this.#current = next
    const closed = replaceable === undefined ? (['auth', 'acl', 'mosquittoAccess'] as const) : []
    const differs = (key: keyof Configuration): boolean => !isDeepStrictEqual(before[key], next[key])
    const isInForce = (key: string): boolean =>
      reloadable.some((each) => each === key) && !closed.some((each) => each === key)
    const keys = (Object.keys(next) as (keyof Configuration)[]).filter(differs)
    return {
      changed: keys.filter(isInForce).flatMap((key) => differences(snakeCase(key), before[key], next[key])),
      needsRestart: [
        ...keys.filter((key) => !isInForce(key)).flatMap((key) => differences(snakeCase(key), before[key], next[key])),
        ...doors.needsRestart,
      ],
      faults: faults.map(({ where, what }) => `${where}: ${what}`),
    }
  }
}

const isReplaceable = (access: Access): access is ReplaceableAccess => 'replace' in access

/** The keys at which two values differ, dotted. */
function differences(path: string, one: unknown, other: unknown): string[] {
  if (isDeepStrictEqual(one, other)) return []
  if (!isPlainObject(one) || !isPlainObject(other)) return [path]
  const keys = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...keys].flatMap((key) => differences(`${path}.${snakeCase(key)}`, one[key], other[key]))
}
