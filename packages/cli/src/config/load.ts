/** Defaults, then the file, then the environment, then the flags: each over the one before. */
import { dirname, resolve } from 'node:path'
import { authBeside, beside } from './auth-files.ts'
import { checked, checkedFile } from './checked.ts'
import { type Configuration, defaultConfiguration } from './configuration.ts'
import { withConnectorDefaults } from './connector-defaults.ts'
import { environmentValues } from './environment.ts'
import { type Fault, faultError } from './fault.ts'
import { listenersBeside, withListenerDefaults } from './listeners.ts'
import { camelCase, isPlainObject, renameKeys } from './names.ts'
import { connectorsOf } from './scenario-connectors.ts'

/** Any part of the configuration; what is left out stays as it was. */
export type Overlay<Value = Configuration> = {
  readonly [Key in keyof Value]?: Value[Key] extends readonly unknown[]
    ? Value[Key] | undefined
    : Value[Key] extends object
      ? Overlay<Value[Key]> | undefined
      : Value[Key] | undefined
}

export interface ConfigurationSources {
  readonly file?: string | undefined
  /** In place of a file: what would stand in it, with absolute paths. Made by a program, it is not checked again. */
  readonly value?: Readonly<Record<string, unknown>> | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly flags?: Overlay
}

export async function loadConfiguration({
  file,
  value,
  env,
  flags = {},
}: ConfigurationSources): Promise<Configuration> {
  const fromFile = file === undefined ? value && renameKeys(value, camelCase) : await fileOverlay(file)
  const fromEnvironment = await environmentOverlay(env)
  const layers = [fromFile, fromEnvironment, flags]
  const merged = layers.reduce<unknown>((under, over) => overlay(under, over), defaultConfiguration) as Configuration
  const connectors = await Promise.all(merged.connectors.map(withConnectorDefaults))
  return {
    ...merged,
    listeners: withListenerDefaults(merged.listeners),
    connectors: await connectorsOf({ ...merged, connectors }),
  }
}

async function fileOverlay(file: string): Promise<unknown> {
  const { value, faults } = await checkedFile(file)
  refuse(faults, file)
  return besideFile(renameKeys(value, camelCase) as Overlay, dirname(file))
}

/** Files are named from where the configuration lies, so that both can be moved and shared together. */
const besideFile = (value: Overlay, folder: string): Overlay => ({
  ...value,
  ...authBeside(value as Pick<Configuration, 'auth' | 'acl' | 'mosquittoAccess'>, folder),
  ...(value.listeners === undefined ? {} : { listeners: listenersBeside(value.listeners, folder) }),
  ...(value.connectors === undefined ? {} : { connectors: value.connectors.map((one) => beside(one, folder)) }),
  ...(value.kpis === undefined ? {} : { kpis: value.kpis.map((path) => resolve(folder, path)) }),
})

async function environmentOverlay(env: ConfigurationSources['env']): Promise<unknown> {
  const values = environmentValues(env)
  if (values === undefined) return undefined
  const { value, faults } = await checked({ kind: 'environment', value: values })
  refuse(faults)
  return renameKeys(value, camelCase)
}

function refuse(faults: readonly Fault[], file?: string): void {
  const [first, ...others] = faults
  if (first !== undefined) throw faultError([first, ...others], file)
}

/** `over` laid over `under`, key by key. */
export function overlay(under: unknown, over: unknown): unknown {
  if (over === undefined) return under
  if (!isPlainObject(under) || !isPlainObject(over)) return over
  const result: Record<string, unknown> = { ...under }
  for (const [key, value] of Object.entries(over)) result[key] = overlay(under[key], value)
  return result
}
