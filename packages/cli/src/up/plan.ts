/** From a configuration to the parts that `hawser up` runs. */

import { type ScenarioPart, scenarioParts } from '@hawser/simulate'
import type { Random } from '@hawser/std'
import type { CommandIo } from '../command.ts'
import { alone } from '../composition/broker-host.ts'
import type { CoreTask } from '../composition/core-process.ts'
import { type House, houseUsername } from '../composition/house.ts'
import type { SimulationTask } from '../composition/simulation-process.ts'
import type { Configuration } from '../config/configuration.ts'
import { devicesLogin } from '../config/devices-broker.ts'
import type { ServerSources } from '../shared-flags.ts'
import type { PartSpec } from '../supervise/supervised-part.ts'
import { workerParts } from '../workers/worker-parts.ts'
import { at } from './screen.ts'

export type PlanContext = Pick<CommandIo, 'random' | 'env'>

export interface Plan {
  readonly parts: readonly PartSpec[]
  readonly scenarios: readonly (readonly [name: string, devices: string])[]
  readonly publishCommand: string
}

export function planOf(configuration: Configuration, sources: ServerSources, { random, env }: PlanContext): Plan {
  const { listeners, scenarios, scale, seed, servers } = configuration
  const { mqtt } = listeners
  const port = mqtt.port === 1883 ? '' : ` -p ${mqtt.port}`
  const house = houseOf(configuration, random)
  const login = house === undefined ? '' : ' -u USER -P PASSWORD'
  const publishCommand = `npx hawser pub${port}${login} -t hello -m world`
  const wanted = Object.fromEntries(
    scale.map((item) => item.split('=')).map(([kind = '', count]) => [kind, Number(count)]),
  )
  const byScenario = [...new Set(scenarios)].map((name) => [name, scenarioParts(name, { scale: wanted })] as const)
  const several = configuration.workers > 1
  const company = several ? { member: true, sharedPorts: true } : alone
  const core: PartSpec = {
    name: 'core',
    module: new URL('../composition/core-process.ts', import.meta.url),
    task: { configuration, sources, publishCommand, house, company } satisfies CoreTask,
    tier: 0,
    watched: true,
  }
  const simulations = byScenario.map(
    ([name, parts]): PartSpec => ({
      name,
      module: new URL('../composition/simulation-process.ts', import.meta.url),
      task: {
        name,
        parts,
        url: servers.mqtt === undefined ? ownUrl(configuration, house) : devicesLogin(servers.mqtt, env),
        seed,
      } satisfies SimulationTask,
      tier: 1,
    }),
  )
  // The core is the first of them.
  const workers = workerParts({ configuration, sources, house, connectors: true, http: false }, 1)
  return {
    parts: [core, ...workers, ...simulations],
    scenarios: byScenario.map(([name, parts]) => [`${name}`, parts.map(devicesOf).join(', ')]),
    publishCommand,
  }
}

const ownUrl = ({ listeners }: Configuration, house: House | undefined): string =>
  `mqtt://${house === undefined ? '' : `${house.username}:${house.password}@`}${at(listeners.mqtt)}`

/** Where all are let in, nobody needs a name. */
function houseOf({ auth, acl }: Configuration, random: Random): House | undefined {
  if (auth === undefined && acl === undefined) return undefined
  return { username: houseUsername, password: Buffer.from(random.bytes(24)).toString('hex') }
}

function devicesOf({ name, options }: ScenarioPart): string {
  const count = 'ids' in options ? options.ids.length : 1
  return count === 1 ? name : `${count} × ${name}`
}
