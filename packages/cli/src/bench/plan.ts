/** From flags to what the load's processes are asked. */
import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { HawserError, type Random } from '@hawser/std'
import { type BenchPlan, type Target, usualClients } from '@hawser/verify/bench'
import { brokerPort, tlsOptions } from '../pubsub/connection/tls.ts'
import type { BenchSettings } from './settings.ts'

export function planOf(settings: BenchSettings, random: Random): BenchPlan {
  const { scenario, processes, qos, payloadBytes, inflightMax, rate, cleanSession, warmUpSeconds, seconds } = settings
  const usual = usualClients[scenario]
  const refuse = (flag: string, given: number | undefined): void => {
    if (given !== undefined) throw new HawserError('USAGE', `${scenario} takes no ${flag}`, { mend: 'see --help' })
  }
  if (usual.connections === 0) refuse('--connections', settings.connections)
  if (usual.publishers === 0) refuse('--publishers', settings.publishers)
  if (usual.subscribers === 0 || scenario === 'pairs') refuse('--subscribers', settings.subscribers)
  const publishers = settings.publishers ?? usual.publishers
  const connections = settings.connections ?? usual.connections
  return {
    scenario,
    target: targetOf(settings),
    prefix: `hawser-bench-${random.integer(2 ** 32).toString(16)}`,
    publishers,
    subscribers: scenario === 'pairs' ? publishers : (settings.subscribers ?? usual.subscribers),
    connections,
    // A process without a client has nothing to do.
    processes: Math.min(processes, Math.max(publishers, connections, settings.subscribers ?? usual.subscribers)),
    qos,
    payloadBytes,
    window: Math.min(inflightMax, 65_535),
    rate,
    isPersistent: !cleanSession,
    warmUpSeconds,
    seconds,
  }
}

function targetOf(settings: BenchSettings): Target {
  const { host, username, password, protocolVersion } = settings
  if (protocolVersion === 3)
    throw new HawserError('USAGE', 'a load speaks MQTT 3.1.1 or 5', { mend: 'give -V 311 or 5' })
  const tls = tlsOptions(settings)
  return {
    host,
    port: brokerPort(settings),
    version: protocolVersion,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls: handedOver(tls, settings) }),
  }
}

/** What of it is data: functions cannot go to another process. */
function handedOver(options: ConnectionOptions, { host, tls }: BenchSettings): NonNullable<Target['tls']> {
  const { ca, cert, key, ciphers, minVersion } = options
  return {
    servername: isIP(host) === 0 ? host : '',
    isNameUnchecked: tls.insecure === true,
    ...(Array.isArray(ca) ? { ca: ca.map((each) => Buffer.from(each)) } : {}),
    ...(cert instanceof Buffer ? { cert } : {}),
    ...(key instanceof Buffer ? { key } : {}),
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(tls.alpn === undefined ? {} : { alpn: tls.alpn }),
  }
}
