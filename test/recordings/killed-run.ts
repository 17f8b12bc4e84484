/** Both recordings into one Hawser that is killed on the way, and what it has left when it was stopped. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Database } from '@hawser/connect/postgres'
import { temporaryFolder } from '@hawser/std/testing'
import { replayWhileKilled } from './killed-replay.ts'
import { machineTemperature, occupancy, type Recording, readRecording } from './recording.ts'
import { RunningUp } from './running-up.ts'
import { openTables, type RawRow, rawRows } from './tables.ts'

const documented = fileURLToPath(new URL('../../docs/recordings/', import.meta.url))

/** Far beyond what it takes: some 30 s on two quiet cores. */
export const setupMsMax = 150_000

/** By file: those that the documentation shows, and one whose windows hold a single row of the occupancy each. */
export interface Specifications {
  readonly machineTemperature: unknown
  readonly occupancy: unknown
  readonly occupancyRows: unknown
}

export interface Replayed {
  readonly recording: Recording
  readonly rows: readonly RawRow[]
  /** Publishes that the replay sent again. */
  readonly resent: number
}

export interface KilledRun extends AsyncDisposable {
  readonly machineTemperature: Replayed
  readonly occupancy: Replayed
  readonly database: Database
  readonly specifications: Specifications
}

export async function killedRun(qos: 1 | 2): Promise<KilledRun> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await temporaryFolder())
  const dataDir = join(folder.path, 'data')
  const [specifications, files] = await specificationFiles(folder.path)
  const resent: Record<string, number> = {}
  const recordings = [machineTemperature, occupancy].map(readRecording)
  {
    // The documented configuration, with one specification more.
    const env = { HAWSER_KPIS: files.join(',') }
    await using up = await RunningUp.start({ dataDir, config: join(documented, 'hawser.yaml'), env })
    // A new database takes seconds to make: the first kill is to meet it at work.
    await up.caughtUp()
    const kills = {
      [machineTemperature.topic]: [() => up.killCore(), () => up.killCore()],
      [occupancy.topic]: [() => up.killAll(), () => up.killCore()],
    }
    for (const recording of recordings) {
      const { topic, payloads } = recording
      const windowRows = Math.ceil(payloads.length / 25)
      const options = { mqttPort: up.mqttPort, recording, qos, windowRows, kills: kills[topic] ?? [] }
      const report = await replayWhileKilled(options)
      const { sent, acknowledged, complete, uncertain } = report
      const rows = payloads.length
      assert.deepEqual(
        { sent, acknowledged, complete, uncertain },
        { sent: rows, acknowledged: rows, complete: true, uncertain: 0 },
      )
      resent[topic] = report.resent
    }
    await up.caughtUp()
    assert.equal(await up.stop(), 0)
  }
  const database = stack.use(openTables(dataDir))
  const [temperatures, rooms] = await Promise.all(
    recordings.map(async (recording): Promise<Replayed> => {
      const { topic } = recording
      return { recording, rows: await rawRows(database, topic), resent: resent[topic] ?? 0 }
    }),
  )
  if (temperatures === undefined || rooms === undefined) throw new Error('two recordings were replayed')
  const owned = stack.move()
  return {
    machineTemperature: temperatures,
    occupancy: rooms,
    database,
    specifications,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function specificationFiles(folder: string): Promise<readonly [Specifications, readonly string[]]> {
  const files = ['machine-temperature.json', 'occupancy.json'].map((name) => join(documented, name))
  const [temperature, room] = await Promise.all(files.map(async (file) => JSON.parse(await readFile(file, 'utf8'))))
  const window = { kind: 'tumbling', micros: 1_000_000 }
  const rows = { ...room, name: 'occupancy_rows', machine: { ...room.machine, window } }
  const rowsFile = join(folder, 'occupancy-rows.json')
  await writeFile(rowsFile, JSON.stringify(rows))
  return [{ machineTemperature: temperature, occupancy: room, occupancyRows: rows }, [...files, rowsFile]]
}

/** Names the first row that differs, where a comparison of the whole would print thousands. */
export function assertSamePayloads(rows: readonly RawRow[], payloads: readonly string[]): void {
  for (const [index, { payload }] of rows.entries()) assert.equal(payload, payloads[index], `row ${index + 1}`)
  assert.equal(rows.length, payloads.length)
}
