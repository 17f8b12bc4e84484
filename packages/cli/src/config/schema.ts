/** The schema of the configuration file: what is checked, and what editors complete (docs/hawser.schema.json). */
import { describedLimits, type Limits } from '@hawser/broker'
import * as z from 'zod'
import {
  defaultConfiguration as defaults,
  durabilities,
  logFormats,
  logLevels,
  scenarioNames,
  workersMax,
} from './configuration.ts'
import { devicesPasswordVariable, devicesUrl } from './devices-broker.ts'
import { snakeCase } from './names.ts'
import { acl, auth } from './schema/auth.ts'
import { connector } from './schema/connector.ts'
import { engine } from './schema/engine.ts'
import { kafkaBrokers } from './schema/kafka.ts'
import { listeners } from './schema/listeners.ts'
import { mosquittoAccess } from './schema/mosquitto.ts'
import { mqtt } from './schema/mqtt.ts'
import { circlesOf } from './schema/mqtt-circles.ts'
import { plainFilter } from './schema/plain-filter.ts'
import { postgresUrl } from './schema/postgres.ts'
import { count, port, positive, setting, text } from './schema/setting.ts'
import { sharedSubscriptions } from './schema/shared-subscriptions.ts'

const limits = z.strictObject(
  Object.fromEntries(
    (Object.keys(defaults.limits) as (keyof Limits)[]).map((name) => {
      const { bounds, excess } = describedLimits[name]
      return [snakeCase(name), setting(count, defaults.limits[name], `${bounds}; past it: ${excess}`)]
    }),
  ),
)

export const configurationSchema = z
  .strictObject({
    data_dir: setting(text, defaults.dataDir, 'folder of the log, the state and the embedded database'),
    workers: setting(
      positive.max(workersMax),
      defaults.workers,
      'processes that serve clients, on one data folder and one set of ports; 1 is alone',
    ),
    allow_anonymous: setting(z.boolean(), defaults.allowAnonymous, 'let anyone in on addresses other than loopback'),
    log: z
      .strictObject({
        durability: setting(
          z.enum(durabilities),
          defaults.log.durability,
          'what an acknowledgement of QoS 1 and 2 means',
        ),
        memory_filters: setting(
          z.array(plainFilter),
          defaults.log.memoryFilters,
          'QoS 1 and 2 on these topics are acknowledged from memory, and lost with the process',
        ),
        retention_hours: setting(count, defaults.log.retentionHours, 'what nobody has still to read is kept so long'),
        retention_bytes: setting(positive, defaults.log.retentionBytes, 'while the log is no larger than this'),
      })
      .optional(),
    engine: engine.optional().meta({ description: 'servers that have log and state, in place of this host' }),
    listeners: listeners.optional(),
    http: z
      .strictObject({
        host: setting(text, defaults.http.host, 'address of console, REST, health and metrics'),
        port: setting(port, defaults.http.port, '0 lets the system choose'),
      })
      .optional(),
    limits: limits.optional(),
    mqtt: mqtt.optional(),
    shared_subscriptions: sharedSubscriptions.optional(),
    auth: auth.optional(),
    acl: acl.optional(),
    mosquitto_access: mosquittoAccess.optional(),
    system_topic_seconds: setting(count, defaults.systemTopicSeconds, 'how often $SYS is written; 0: never'),
    scenarios: setting(z.array(z.enum(scenarioNames)), defaults.scenarios, 'what `hawser up` simulates'),
    scale: setting(
      z.array(z.string().regex(/^[a-z_]+=\d+$/, 'write it as sine=3')),
      defaults.scale,
      'how many of a kind of device',
    ),
    seed: setting(count, undefined, 'makes the simulated devices repeat themselves'),
    connectors: setting(
      z.array(connector).superRefine((connectors, context) => {
        for (const { index, message } of circlesOf(connectors)) {
          context.addIssue({ code: 'custom', path: [index, 'filters'], message })
        }
      }),
      defaults.connectors.map(({ name, kind }) => ({ name, kind })),
      'readers of the log; each has a cursor of its own',
    ),
    servers: z
      .strictObject({
        kafka: setting(kafkaBrokers, undefined, 'host:port of brokers: what factory and fleet publish goes there too'),
        postgres: setting(postgresUrl, undefined, 'for connectors that name no database of their own'),
        mqtt: setting(
          z.string().regex(devicesUrl, 'write it as mqtt://USER@HOST:PORT, without a password'),
          undefined,
          `a broker at which the simulated devices are; the password of its user from ${devicesPasswordVariable}`,
        ),
      })
      .optional()
      .meta({ description: 'real servers in place of what is embedded' }),
    kpis: setting(
      z.array(text),
      defaults.kpis,
      'files with KPI specifications, named from the folder of this file; none: the built-in one of the factory',
    ),
    logging: z
      .strictObject({
        level: setting(z.enum(logLevels), defaults.logging.level, 'the least that is logged'),
        format: setting(z.enum(logFormats), defaults.logging.format, 'of the lines on the terminal'),
        file_bytes_max: setting(positive, defaults.logging.fileBytesMax, 'the log file is rotated past this size'),
        files_max: setting(positive, defaults.logging.filesMax, 'log files kept'),
      })
      .optional(),
  })
  .refine(({ auth, acl, mosquitto_access }) => mosquitto_access === undefined || (auth ?? acl) === undefined, {
    path: ['mosquitto_access'],
    message: 'give auth and acl, or this',
  })
  .meta({ title: 'Hawser configuration' })

/** The text of docs/hawser.schema.json. */
export function configurationJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(configurationSchema, { io: 'input' }), undefined, 2)}\n`
}
