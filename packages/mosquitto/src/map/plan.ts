/** From what was read to what Hawser is told: the content of a configuration file of ours, and what no file says. */
import { HawserError } from '@hawser/std'
import { explanation } from '../check.ts'
import type { MosquittoConf, Settings } from '../conf/conf.ts'
import { bridgesOf } from './bridges.ts'
import { limitsOf } from './limits.ts'
import { type Interfaces, listenersOf, type MappedListener } from './listeners.ts'
import { type LogPlan, logPlanOf } from './log-plan.ts'

export interface MosquittoPlan {
  /** In the file's spelling, with absolute paths. */
  readonly configuration: Readonly<Record<string, unknown>>
  readonly process: ProcessPlan
}

/** What is not in a configuration of ours, because the system's own tools say it. */
export interface ProcessPlan {
  /** Undefined: Mosquitto's own choice. */
  readonly user: string | undefined
  readonly pidFile: string | undefined
  readonly log: LogPlan
  /** Passwords of bridges, by the name of the variable in which they are looked for. */
  readonly secrets: Readonly<Record<string, string>>
}

export interface PlanContext {
  /** An absolute path, of one that is named from where the process was started. */
  readonly resolve: (path: string) => string
  readonly interfaces: Interfaces
}

/** Refuses what cannot be run, by the first thing that is wrong. */
export function planOf(conf: MosquittoConf, context: PlanContext): MosquittoPlan {
  refuseUnstartable(conf)
  const { settings } = conf
  const listeners = listenersOf(conf, context)
  const { connectors, secrets } = bridgesOf(conf, context.resolve)
  return {
    configuration: {
      data_dir: context.resolve(`${settings.text('persistence_location') ?? '.'}/hawser`),
      log: { durability: settings.boolean('persistence') === true ? 'disk' : 'memory' },
      system_topic_seconds: settings.number('sys_interval') ?? 10,
      limits: limitsOf(settings),
      mqtt: { retain_available: settings.boolean('retain_available') ?? true, shared_subscription_available: true },
      listeners: Object.fromEntries(closedByDefault.concat(listeners.map(({ name, listener }) => [name, listener]))),
      mosquitto_access: accessOf(settings, listeners),
      // None: those that a configuration without any has.
      ...(connectors.length === 0 ? {} : { connectors }),
      logging: { level: logPlanOf(settings, context.resolve).level },
    },
    process: {
      user: settings.text('user'),
      pidFile: resolved(settings, 'pid_file', context),
      log: logPlanOf(settings, context.resolve),
      secrets,
    },
  }
}

/** Ours that Mosquitto does not open. */
const closedByDefault: (readonly [string, object])[] = [
  ['mqtt', { enabled: false }],
  ['ws', { enabled: false }],
]

const resolved = (settings: Settings, name: string, { resolve }: PlanContext): string | undefined => {
  const path = settings.text(name)
  return path === undefined ? undefined : resolve(path)
}

function accessOf(settings: Settings, listeners: readonly MappedListener[]): object {
  const prefix = settings.text('clientid_prefixes')
  return {
    ...(prefix === undefined ? {} : { client_id_prefix: prefix }),
    listeners: Object.fromEntries(listeners.map(({ name, access }) => [name, access])),
  }
}

function refuseUnstartable({ file, entries, faults }: MosquittoConf): void {
  const refused = entries.flatMap(({ option, place, verdict }) =>
    verdict.kind === 'refused' ? [{ ...place, what: `${option.name} is refused`, mend: explanation(verdict) }] : [],
  )
  const [first, ...others] = [...faults, ...refused]
  if (first === undefined) return
  const more = others.length === 0 ? '' : ` (and ${others.length} more: hawser broker --mosquitto-conf ${file} --check)`
  throw new HawserError('CONFIG_INVALID', `${first.file}:${first.line}: ${first.what}`, {
    mend: `${first.mend}${more}`,
  })
}
