/** A server is away for a while; or there, and slow. */
import { milliseconds, sleep, systemClock } from '@hawser/std'
import { type LedgerCase, lasting } from './case.ts'

const kafkaDown: LedgerCase = {
  name: 'Kafka down',
  async disturb({ servers: { kafka }, hawser, times }) {
    await kafka.kill()
    await lasting(times)
    await hawser.until('kafka', ({ state }) => state === 'retrying')
    await kafka.start()
  },
}

const postgresDown: LedgerCase = {
  name: 'PostgreSQL down',
  async disturb({ servers: { toPostgres }, hawser, times }) {
    await toPostgres.cut()
    await lasting(times)
    await hawser.until('postgres', ({ state }) => state === 'retrying')
    await toPostgres.mend()
  },
}

/** It is cut off: a Mosquitto 2.0.11 that is stopped and started loses some of what is under way to its subscribers. */
const otherBrokerDown: LedgerCase = {
  name: 'other broker down',
  async disturb({ servers: { toMosquitto }, hawser, times }) {
    await toMosquitto.cut()
    await lasting(times)
    await hawser.until('mqtt', ({ state }) => state === 'retrying')
    await toMosquitto.mend()
  },
}

const slowBytesPerSecond = 100_000

const postgresSlow: LedgerCase = {
  name: 'PostgreSQL slow',
  async disturb({ servers: { toPostgres }, hawser, times }) {
    toPostgres.slow(slowBytesPerSecond)
    await lasting(times)
    await hawser.until('postgres', ({ lag }) => lag.messages > 0)
    toPostgres.slow(Number.POSITIVE_INFINITY)
  },
}

const [frozenMs, awakeMs] = [milliseconds(300), milliseconds(60)]

/** It takes what it is sent in a sixth of the time, and answers as late as that. */
const kafkaSlow: LedgerCase = {
  name: 'Kafka slow',
  async disturb({ servers: { kafka }, times }) {
    for (let leftMs: number = times.outageMs; leftMs > 0; leftMs -= frozenMs + awakeMs) {
      kafka.signal('SIGSTOP')
      await sleep(systemClock, frozenMs)
      kafka.signal('SIGCONT')
      await sleep(systemClock, awakeMs)
    }
  },
}

export const outages: readonly LedgerCase[] = [kafkaDown, postgresDown, otherBrokerDown, postgresSlow, kafkaSlow]
