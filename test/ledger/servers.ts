/** What a run of the ledger needs beside Hawser: real servers, and ways to two of them that can be cut or slowed. */
import { type Collector, collect } from '../../packages/connect/src/mqtt/testing/mqtt-under-test.ts'
import { type KafkaServer, kafkaSkipReason, startKafka } from '../servers/kafka.ts'
import { type LastingMosquitto, skipWithoutMosquitto, startLastingMosquitto } from '../servers/mosquitto.ts'
import { type PostgresServer, postgresSkipReason, startPostgres } from '../servers/postgres.ts'
import type { SmallDisk } from '../servers/small-disk.ts'
import { startTcpProxy, type TcpProxy } from '../servers/tcp-proxy.ts'
import { missing } from '../support/programs.ts'

export interface Servers {
  readonly kafka: KafkaServer
  readonly postgres: PostgresServer
  readonly toPostgres: TcpProxy
  /** Of each connection, as PGOPTIONS. */
  readonly postgresOptions?: string
  /** Under what is to run full. */
  readonly postgresDisk?: SmallDisk
  readonly kafkaDisk?: SmallDisk
  readonly mosquitto: LastingMosquitto
  readonly toMosquitto: TcpProxy
}

export const ledgerSkipReason = (): string | false =>
  kafkaSkipReason() || postgresSkipReason() || skipWithoutMosquitto || missing('psql', 'apt install postgresql-client')

export async function startServers(stack: AsyncDisposableStack): Promise<Servers> {
  const kafka = stack.use(await startKafka())
  const postgres = stack.use(await startPostgres())
  const toPostgres = stack.use(await startTcpProxy(postgres.port))
  const mosquitto = stack.use(await startLastingMosquitto())
  const toMosquitto = stack.use(await startTcpProxy(mosquitto.port))
  return { kafka, postgres, toPostgres, mosquitto, toMosquitto }
}

export const collectFrom = ({ mosquitto }: Servers): Promise<Collector> => collect(mosquitto.url)

/** Through the proxy. */
export const bridgeUrl = ({ toMosquitto }: Servers): string => `mqtt://127.0.0.1:${toMosquitto.port}`

/** Through the proxy. */
export function postgresUrl({ postgres, toPostgres, postgresOptions }: Servers): string {
  const url = new URL(postgres.url)
  url.port = `${toPostgres.port}`
  if (postgresOptions !== undefined) url.searchParams.set('options', postgresOptions)
  return url.href
}
