/** Log and state on NATS servers: this process is a node of a cluster. */
import { bootId } from '@hawser/engine-local/boot-id'
import { connectsAs, openNatsEngine, weakSyncs } from '@hawser/engine-nats'
import { HawserError } from '@hawser/std'
import { type Configuration, retentionOf } from '../config/configuration.ts'
import type { ConfigurationEngine } from '../config/engine-configuration.ts'
import type { Engine, EngineContext } from './engine.ts'
import { type Environment, readSecret, secretFor, tlsFor } from './secrets.ts'

const holder = 'engine'

export async function openEngineOnServers(configuration: Configuration, context: EngineContext): Promise<Engine> {
  refuseUnfit(configuration)
  const { engine, log } = configuration
  const { clock, random, logger } = context
  const opened = await openNatsEngine({
    servers: { urls: engine.servers, credentials: await credentialsOf(engine, process.env) },
    prefix: engine.prefix,
    replicas: engine.replicas,
    clock,
    random,
    retention: retentionOf(log),
    onFault: (error) => logger.error(error.line),
  })
  for (const fault of await weakSyncs({ urls: engine.monitors, clock })) logger.warn(fault.line)
  return { ...opened, bootId: bootId(), hosts: 'many', path: null }
}

function refuseUnfit({ log, workers }: Configuration): void {
  if (log.durability === 'memory') {
    throw new HawserError('CONFIG_INVALID', 'the engine is on servers, and durability is memory', {
      mend: 'take one of the two out',
    })
  }
  if (log.memoryFilters.length > 0) {
    throw new HawserError('CONFIG_INVALID', 'nodes share no log in memory, and memory_filters are set', {
      mend: 'take log.memory_filters out',
    })
  }
  if (workers > 1) {
    throw new HawserError(
      'CONFIG_INVALID',
      `with the engine on servers each node is one process, and workers is ${workers}`,
      {
        mend: 'run several nodes, each at addresses of its own',
      },
    )
  }
}

async function credentialsOf(engine: ConfigurationEngine, env: Environment) {
  const { username, password, token, nkey, credentialsFile, tls } = engine
  return connectsAs({
    ...(username !== undefined && password !== undefined
      ? { username, password: await secretFor(holder, password, env) }
      : {}),
    ...(token === undefined ? {} : { token: await secretFor(holder, token, env) }),
    ...(nkey === undefined ? {} : { nkeySeed: await secretFor(holder, nkey, env) }),
    ...(credentialsFile === undefined ? {} : { credentials: await readSecret(holder, credentialsFile) }),
    ...(tls === undefined ? {} : { tls: await tlsFor(holder, tls) }),
  })
}
