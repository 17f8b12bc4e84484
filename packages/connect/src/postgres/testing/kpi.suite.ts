/** KPIs in the database: the values, the same after any restart, with state, rows and cursor in one. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { MessageLog } from '@hawser/engine'
import { type EpochMicros, epochMicros, milliseconds, seededRandom, systemClock } from '@hawser/std'
import { defineSpecification, factorySpecification, type Specification } from '@hawser/streams'
import { append, committed, contractLog, isCaughtUp, watch } from '../../contract/bench-log.ts'
import type { Database } from '../database/database.ts'
import { kpiConnector, migrate, queryAlarms, queryKpis, queryMachineHistory } from '../mod.ts'
import type { DatabaseUnderTest } from './database-under-test.ts'

const secondMicros = 1_000_000
const windowMicros = 60 * secondMicros
const topic = 'factory/machines/M/telemetry'
let specifications = 0

/** The factory's under a name of its own, because tests share the tables. */
function ownSpecification(changes: Readonly<Record<string, unknown>> = {}): Specification {
  const { data } = factorySpecification
  const machine = { ...data.machine, ...changes }
  return defineSpecification({ ...data, name: `factory_${++specifications}`, machine })
}

export function kpiSuite(subject: DatabaseUnderTest): void {
  describe(`${subject.name}: KPIs`, { skip: subject.skip ?? false }, () => {
    let database: Database
    before(async () => {
      database = await subject.database()
      await migrate(database)
    })
    it('computes windows and alarms, and keeps aside what is late, ahead or unreadable', () => values(database))
    it('makes a window final once nothing can come any more', () => finality(database))
    it('gives the same tables when it is stopped at any instant', () => restarts(database))
    it('computes a new version from the start beside the old', () => newVersion(database))
  })
}

const windowOfNow = (): EpochMicros => epochMicros(Math.floor(systemClock.wallMicros() / windowMicros) * windowMicros)

interface Sample {
  readonly machine?: string
  readonly atSeconds: number
  readonly state?: string
  readonly count?: number
  readonly alarm?: boolean
  readonly temperature?: number
}

/** A reading `atSeconds` after `start`, appended now or at that time. */
function report(log: MessageLog, start: EpochMicros, sample: Sample, appendTime?: EpochMicros): void {
  const { machine = 'M', atSeconds, state = 'RUNNING', count = 0, alarm = false, temperature = 20 } = sample
  const timestamp = new Date((start + atSeconds * secondMicros) / 1000).toISOString().slice(0, -1)
  const payload = { machine_id: machine, timestamp, state, production_count: count, alarm, temperature }
  append(log, topic, JSON.stringify(payload), { appendTime: appendTime ?? systemClock.wallMicros() })
}

const limits = { lingerMs: milliseconds(0) }

async function values(database: Database): Promise<void> {
  const specification = ownSpecification()
  await using log = contractLog()
  const start = windowOfNow()
  // A reading every 6 s: 30 s running with 1 item each, 30 s idle with an alarm in the first reading.
  for (let index = 0; index <= 10; index++) {
    const state = index < 5 ? 'RUNNING' : 'IDLE'
    report(log, start, {
      atSeconds: index * 6,
      state,
      count: 100 + Math.min(index, 5),
      alarm: index === 5,
      temperature: 20 + index,
    })
  }
  report(log, start, { atSeconds: -600 })
  report(log, start, { atSeconds: 3_600 })
  append(log, topic, 'no telemetry', { appendTime: systemClock.wallMicros() })
  await committed(log)
  await using watched = watch(log, kpiConnector({ database, specification }), limits)
  const view = await watched.until(isCaughtUp)
  assert.deepEqual([view.written, view.deadLetters], [13, 1])

  const windows = await queryMachineHistory(database, 'M', { specification: specification.name })
  assert.deepEqual(
    windows.map(({ windowStart, readings, final }) => [windowStart - start, readings, final]),
    [
      [0, 10, false],
      [windowMicros, 1, false],
    ],
  )
  const [first] = windows
  assert.deepEqual(first?.values, {
    availability: '0.500000',
    // Of the six counted up, the first reading counts none: 5 items of 3 s in 30 s.
    effectiveness: '0.500000',
    quality: '1.000000',
    oee: '0.250000',
    alarm_rate_per_hour: '60.000000',
    coverage: '1.000000',
    production_count: '5.000000',
  })
  assert.equal(first?.qualityAssumed, true)
  assert.deepEqual(first?.measures, [
    { measure: 'temperature', unit: '°C', n: 10, mean: '24.500000', min: '20', max: '29' },
  ])
  const alarms = await queryAlarms(database, { machine: 'M', since: start })
  assert.deepEqual(
    alarms.filter((alarm) => alarm.specification === specification.name).map(({ eventTime }) => eventTime - start),
    [30 * secondMicros],
  )
  const { rows: late } = await database.query(
    'SELECT reason FROM hawser.late_records WHERE specification = $1 ORDER BY reason',
    [specification.name],
  )
  assert.deepEqual(late, [{ reason: 'future' }, { reason: 'late' }])
  const { rows: dead } = await database.query('SELECT reason FROM hawser.dead_letters WHERE connector = $1', [
    `kpi-${specification.name}-v1`,
  ])
  assert.match(String(dead[0]?.['reason']), /^not-json: /)
}

async function finality(database: Database): Promise<void> {
  const specification = ownSpecification({ latenessMicros: 2 * secondMicros })
  await using log = contractLog()
  const start = epochMicros(windowOfNow() - 10 * windowMicros)
  for (let index = 0; index < 20; index++) {
    const appendTime = epochMicros(start + index * 3 * secondMicros)
    report(log, start, { atSeconds: index * 3, count: index }, appendTime)
  }
  await committed(log)
  await using watched = watch(log, kpiConnector({ database, specification }), limits)
  await watched.until(isCaughtUp)
  const windows = await queryKpis(database, { specification: specification.name })
  assert.deepEqual(
    // The last reading holds its state over the edge of its window.
    windows.map(({ final, readings }) => [final, readings]),
    [
      [true, 0],
      [true, 20],
    ],
  )
}

/** A random walk of three machines, with repeats and stragglers. */
function wander(log: MessageLog, start: EpochMicros): void {
  const random = seededRandom(7)
  const counts = new Map<string, number>()
  for (let index = 0; index < 600; index++) {
    const machine = `M${random.integer(3)}`
    const count = (counts.get(machine) ?? 0) + random.integer(3)
    counts.set(machine, count)
    report(log, start, {
      machine,
      // In a span of three minutes, with steps back that stay within the lateness.
      atSeconds: index / 4 - random.integer(20),
      state: ['RUNNING', 'IDLE', 'MAINTENANCE'][random.integer(3)] ?? '',
      count,
      alarm: random.integer(5) === 0,
      temperature: random.integer(40),
    })
  }
}

async function tablesOf(database: Database, { name }: Specification): Promise<unknown> {
  const tables = ['kpi_windows', 'kpi_measures', 'alarms', 'late_records']
  const contents = tables.map(async (table) => {
    const { rows } = await database.query<{ readonly row: Readonly<Record<string, unknown>> }>(
      `SELECT to_jsonb(t) AS row FROM hawser.${table} t WHERE specification = $1 ORDER BY to_jsonb(t) - 'revision'`,
      [name],
    )
    // How often a row was written depends on the batches, and so may its revision; the values do not.
    return rows.map(({ row: { specification, revision, ...values } }) => values)
  })
  return Promise.all(contents)
}

async function restarts(database: Database): Promise<void> {
  await using log = contractLog()
  wander(log, windowOfNow())
  await committed(log)
  const undisturbed = ownSpecification()
  {
    await using watched = watch(log, kpiConnector({ database, specification: undisturbed }), {
      ...limits,
      batchMessagesMax: 1_000,
    })
    await watched.until(isCaughtUp)
  }
  const disturbed = ownSpecification()
  const random = seededRandom(3)
  for (let round = 0; round < 8; round++) {
    const drainMsMax = milliseconds(random.integer(2))
    const watched = watch(log, kpiConnector({ database, specification: disturbed }), {
      ...limits,
      drainMsMax,
      batchMessagesMax: 10 + random.integer(50),
    })
    for (let turns = random.integer(60); turns > 0; turns--) await new Promise(setImmediate)
    await watched[Symbol.asyncDispose]()
  }
  {
    await using watched = watch(log, kpiConnector({ database, specification: disturbed }), limits)
    await watched.until(isCaughtUp)
  }
  assert.deepEqual(await tablesOf(database, disturbed), await tablesOf(database, undisturbed))
}

async function newVersion(database: Database): Promise<void> {
  const first = ownSpecification()
  await using log = contractLog()
  const start = windowOfNow()
  for (let index = 0; index < 10; index++) report(log, start, { atSeconds: index * 6, count: index })
  await committed(log)
  const second = defineSpecification({ ...first.data, version: 2 })
  for (const specification of [first, second]) {
    await using watched = watch(log, kpiConnector({ database, specification }), limits)
    await watched.until((view) => view.written === 10 && isCaughtUp(view))
  }
  const windows = await queryKpis(database, { specification: first.name })
  const ofVersion = (version: number) => windows.filter((window) => window.version === version)
  assert.ok(ofVersion(1).length > 0)
  assert.deepEqual(
    ofVersion(2),
    ofVersion(1).map((window) => ({ ...window, version: 2 })),
  )
}
