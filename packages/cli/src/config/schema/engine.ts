/** An engine on NATS servers, in place of the one on this host. */
import * as z from 'zod'
import { defaultEngine as defaults } from '../engine-configuration.ts'
import { login, loginWhole, secret, tls } from './connection.ts'
import { positive, setting, text } from './setting.ts'

const server = z.string().regex(/^(nats|tls):\/\/[^\s@,/]+$/, 'write it as nats://host:port, without a user in it')
const replicasMax = 5

export const engine = z
  .strictObject({
    servers: setting(z.array(server), defaults.servers, 'of NATS with JetStream, any of a cluster; none: this host'),
    monitors: setting(
      z.array(z.url({ protocol: /^https?$/ })),
      defaults.monitors,
      'http://host:8222 of each server: whether it syncs what it acknowledges is looked at there',
    ),
    prefix: setting(
      z.string().regex(/^[A-Za-z0-9_-]{1,32}$/, 'letters, digits, _ and -, at most 32'),
      defaults.prefix,
      'of all streams and subjects: each Hawser on the same servers has another one',
    ),
    replicas: setting(
      positive.max(replicasMax),
      defaults.replicas,
      'servers that have each record; a quorum of them acknowledges',
    ),
    ...login,
    token: secret.optional().meta({ description: 'in place of a user' }),
    nkey: secret.optional().meta({ description: 'seed of an NKey, in place of a user' }),
    credentials_file: setting(text, undefined, 'JWT and NKey in one file, in place of a user'),
    tls: tls.optional().meta({ description: 'the servers are asked for TLS' }),
  })
  .refine(...loginWhole)
