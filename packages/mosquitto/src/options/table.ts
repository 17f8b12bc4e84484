/** Every option of mosquitto.conf that Mosquitto 2.0 and 2.1 know. */
import { bridgeOptions } from './bridges.ts'
import { generalOptions } from './general.ts'
import { listenerOptions } from './listeners.ts'
import { loggingOptions } from './logging.ts'
import type { Option, Verdict } from './option.ts'
import { pluginOptions } from './plugins.ts'
import { securityOptions } from './security.ts'
import { tlsOptions } from './tls.ts'

/** In the order and under the headings of docs/mosquitto.md. */
export const optionGroups: readonly { readonly title: string; readonly options: readonly Option[] }[] = [
  { title: 'Listeners', options: listenerOptions },
  { title: 'TLS', options: tlsOptions },
  { title: 'Who may do what', options: securityOptions },
  { title: 'The broker', options: generalOptions },
  { title: 'Logging', options: loggingOptions },
  { title: 'Plugins', options: pluginOptions },
  { title: 'Bridges', options: bridgeOptions },
]

export const options: readonly Option[] = optionGroups.flatMap((group) => group.options)

const byName = new Map(
  options
    .filter((option) => option.prefix !== true)
    .flatMap((option) => [option.name, ...(option.aliases ?? [])].map((name) => [name, option] as const)),
)
const byPrefix = options
  .filter((option) => option.prefix === true)
  .flatMap((option) => [option.name, ...(option.aliases ?? [])].map((prefix) => [prefix, option] as const))

export const optionNames: readonly string[] = [...byName.keys()]

export const optionOf = (name: string): Option | undefined =>
  byName.get(name) ?? byPrefix.find(([prefix]) => name.startsWith(prefix) && name.length > prefix.length)?.[1]

export function verdictOf(option: Option, value: string | number | boolean): Verdict {
  return option.except?.find(({ values }) => values.includes(value))?.verdict ?? option.verdict
}
