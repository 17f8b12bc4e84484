/** The disk of a server is full, until somebody makes room. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { startKafka } from '../../servers/kafka.ts'
import { mountSmallDisk, smallDiskSkipReason } from '../../servers/small-disk.ts'
import { type LedgerCase, lasting } from './case.ts'

const diskMegabytes = 512

const postgresFull: LedgerCase = {
  name: "PostgreSQL's disk full",
  skip: smallDiskSkipReason,
  async prepare(servers, stack) {
    const postgresDisk = stack.use(await mountSmallDisk(diskMegabytes))
    const folder = join(postgresDisk.path, 'tables')
    await mkdir(folder)
    await servers.postgres.own(folder)
    const client = new pg.Client({ connectionString: servers.postgres.url })
    await client.connect()
    await client.query(`CREATE TABLESPACE small LOCATION '${folder}'`)
    await client.end()
    return { ...servers, postgresDisk, postgresOptions: '-c default_tablespace=small' }
  },
  async disturb({ servers: { postgresDisk }, hawser, times }) {
    await postgresDisk?.fill()
    await hawser.until('postgres', ({ lastError }) => lastError?.message.includes('53100') === true)
    await lasting(times)
    await postgresDisk?.free()
  },
}

/** Kafka ends itself where it cannot write: whoever makes room starts it again. */
const kafkaFull: LedgerCase = {
  name: "Kafka's disk full",
  skip: smallDiskSkipReason,
  async prepare(servers, stack) {
    const kafkaDisk = stack.use(await mountSmallDisk(diskMegabytes))
    const kafka = stack.use(await startKafka({ properties: () => ({ 'log.dirs': join(kafkaDisk.path, 'data') }) }))
    return { ...servers, kafkaDisk, kafka }
  },
  async disturb({ servers: { kafka, kafkaDisk }, hawser, times }) {
    await kafkaDisk?.fill()
    await kafka.ended()
    await hawser.until('kafka', ({ state }) => state === 'retrying')
    await lasting(times)
    await kafkaDisk?.free()
    await kafka.start()
  },
}

export const fullDisks: readonly LedgerCase[] = [postgresFull, kafkaFull]
