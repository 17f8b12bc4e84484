/** SIGKILL, again and again. */
import pg from 'pg'
import { connectorName } from '../hawser.ts'
import { type LedgerCase, type Stage, someTime } from './case.ts'

const [upMsMax, awayMsMax] = [1_500, 500]

const kafkaKilled: LedgerCase = {
  name: 'Kafka killed',
  async disturb({ servers: { kafka }, hawser, times, random }) {
    for (let round = 0; round < times.rounds; round++) {
      await hawser.until('kafka', ({ state }) => state !== 'retrying' && state !== 'starting')
      await someTime(random, upMsMax)
      await kafka.kill()
      await someTime(random, awayMsMax)
      await kafka.start()
    }
  },
}

const postgresKilled: LedgerCase = {
  name: 'PostgreSQL killed in a transaction',
  async disturb(stage) {
    const { servers, hawser, times, random } = stage
    for (let round = 0; round < times.rounds; round++) {
      await hawser.until('postgres', ({ state }) => state !== 'retrying' && state !== 'starting')
      await someTime(random, upMsMax)
      await killInTransaction(stage)
      await someTime(random, awayMsMax)
      await servers.postgres.start()
    }
  },
}

/** Its rows are there and its cursor is not: it waits for the lock that we hold. */
async function killInTransaction({ servers: { postgres }, name }: Stage): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.url })
  client.on('error', () => undefined)
  await client.connect()
  await client.query('BEGIN')
  await client.query('SELECT FROM hawser.cursors WHERE connector = $1 FOR UPDATE', [connectorName(name)])
  const waiting = `SELECT FROM pg_stat_activity WHERE application_name = 'hawser' AND wait_event_type = 'Lock'`
  while ((await client.query(waiting)).rowCount === 0);
  await postgres.kill()
  await client.end().catch(() => undefined)
}

const hawserKilled: LedgerCase = {
  name: 'Hawser killed',
  async disturb({ hawser, times, random }) {
    for (let round = 0; round < times.rounds; round++) {
      // At times while it still starts.
      await someTime(random, upMsMax * 2)
      hawser.kill(random.integer(2) === 0 ? 'all' : 'worker')
    }
  },
}

export const kills: readonly LedgerCase[] = [kafkaKilled, postgresKilled, hawserKilled]
