/** From a configuration to the parts that `hawser up` runs. */
import { type ScenarioPart, scenarioParts } from '@hawser/simulate'
import type { CoreTask } from '../composition/core-process.ts'
import type { SimulationTask } from '../composition/simulation-process.ts'
import type { Configuration } from '../config/configuration.ts'
import type { PartSpec } from '../supervise/supervised-part.ts'
import { at } from './screen.ts'

export interface Plan {
  readonly parts: readonly PartSpec[]
  readonly scenarios: readonly (readonly [name: string, devices: string])[]
  readonly publishCommand: string
}

export function planOf(configuration: Configuration): Plan {
  const { listeners, scenarios, scale, seed } = configuration
  const { mqtt } = listeners
  const port = mqtt.port === 1883 ? '' : ` -p ${mqtt.port}`
  const publishCommand = `npx hawser pub${port} -t hello -m world`
  const wanted = Object.fromEntries(
    scale.map((item) => item.split('=')).map(([kind = '', count]) => [kind, Number(count)]),
  )
  const byScenario = [...new Set(scenarios)].map((name) => [name, scenarioParts(name, { scale: wanted })] as const)
  const core: PartSpec = {
    name: 'core',
    module: new URL('../composition/core-process.ts', import.meta.url),
    task: { configuration, publishCommand } satisfies CoreTask,
    tier: 0,
  }
  const simulations = byScenario.map(
    ([name, parts]): PartSpec => ({
      name,
      module: new URL('../composition/simulation-process.ts', import.meta.url),
      task: { name, parts, url: `mqtt://${at(mqtt)}`, seed } satisfies SimulationTask,
      tier: 1,
    }),
  )
  return {
    parts: [core, ...simulations],
    scenarios: byScenario.map(([name, parts]) => [`${name}`, parts.map(devicesOf).join(', ')]),
    publishCommand,
  }
}

function devicesOf({ name, options }: ScenarioPart): string {
  const count = 'ids' in options ? options.ids.length : 1
  return count === 1 ? name : `${count} × ${name}`
}
