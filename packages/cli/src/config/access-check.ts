/** What a start would say of `auth` and `acl`: files are read whole, keys and URLs are looked at, nothing is asked. */
import { HawserError, systemClock, systemRandom } from '@hawser/std'
import { Logger } from '../logging/logger.ts'
import type { Fault } from './fault.ts'
import { loadConfiguration } from './load.ts'

export async function accessFaults(file: string): Promise<readonly Fault[]> {
  const configuration = await loadConfiguration({ file, env: {} })
  const { openAccess } = await import('../composition/access.ts')
  const context = {
    clock: systemClock,
    random: systemRandom,
    logger: new Logger('config', systemClock, () => undefined),
    env: anyEnvironment,
  }
  try {
    // As with everything in memory: a check leaves nothing behind.
    const log = { ...configuration.log, durability: 'memory' as const }
    await using _access = await openAccess({ ...configuration, log }, context)
    return []
  } catch (error) {
    if (!(error instanceof HawserError)) throw error
    return [{ where: file, what: error.message, mend: error.mend ?? 'mend it' }]
  }
}

/** What the environment lacks here may be there at the start. */
const anyEnvironment = new Proxy<Record<string, string>>({}, { get: () => 'x'.repeat(64) })
