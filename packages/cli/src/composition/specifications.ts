/** What is computed from the messages, and so what the log must hold of them. */
import { readFile } from 'node:fs/promises'
import { HawserError } from '@hawser/std'
import { defineSpecification, factorySpecification, type Specification } from '@hawser/streams'
import { type Configuration, type ConfigurationSink, isSink } from '../config/configuration.ts'

export async function openSpecifications({ kpis }: Configuration): Promise<readonly Specification[]> {
  if (kpis.length === 0) return [factorySpecification]
  const specifications = await Promise.all(kpis.map(async (path) => defineSpecification(await readJson(path))))
  const names = specifications.map(({ name, version }) => `${name} version ${version}`)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  // They would share tables and a cursor.
  if (twice === undefined) return specifications
  throw new HawserError('CONFIG_INVALID', `KPI specification ${twice} is given twice`, {
    mend: 'name one of them anew',
  })
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new HawserError('CONFIG_INVALID', `KPI specification ${path}: ${why}`, { mend: 'give a JSON file', cause })
  }
}

/** QoS 0 on these is recorded too, because a connector reads it. */
export const recordFilters = (
  { connectors }: Configuration,
  specifications: readonly Specification[],
): readonly string[] => [
  ...new Set([
    ...connectors
      .filter(isSink)
      .filter(reads)
      .flatMap(({ filters }) => filters),
    ...specifications.map(({ filter }) => filter),
  ]),
]

/** Not one that only brings messages in. */
const reads = (connector: ConfigurationSink): boolean => connector.kind !== 'mqtt' || connector.direction !== 'in'
