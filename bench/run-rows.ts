/** Runs rows side by side: each run goes through all brokers of a row, every second run in the opposite order. */
import { join } from 'node:path'
import type { BrokerName } from './brokers/broker-kind.ts'
import { temporaryFolder } from './brokers/running-broker.ts'
import { type DiskUse, diskUseOf, tracedInto } from './machine/disk-use.ts'
import type { RowResult } from './report/results.ts'
import type { Measurement, Row, Settings } from './rows/row.ts'

export interface Selection {
  readonly rows: readonly Row[]
  readonly brokers: readonly BrokerName[]
}

export interface Surroundings {
  readonly say: (line: string) => void
  /** Ends the rows after the run under way, which tidies up after itself. */
  readonly signal: AbortSignal
  readonly countsDiskUse: boolean
}

export async function runRows(
  { rows, brokers }: Selection,
  settings: Settings,
  surroundings: Surroundings,
): Promise<RowResult[]> {
  const results: RowResult[] = []
  for (const row of rows) {
    const names = row.brokers.filter((name) => brokers.includes(name))
    results.push(...(await runRow(row, names, settings, surroundings)))
  }
  return results
}

async function runRow(
  row: Row,
  names: readonly BrokerName[],
  settings: Settings,
  surroundings: Surroundings,
): Promise<RowResult[]> {
  const { say, signal, countsDiskUse } = surroundings
  const results = names.map((broker) => ({
    row: row.name,
    broker,
    runs: [] as Measurement[],
    failures: [] as string[],
  }))
  for (let run = 0; run < settings.runs; run++) {
    for (const result of run % 2 === 0 ? results : results.toReversed()) {
      try {
        const measurement = await row.measure(result.broker, settings, {})
        result.runs.push(measurement)
        say(`${row.name} ${result.broker} ${run + 1}/${settings.runs}: ${Math.round(measurement.value)} ${row.unit}`)
      } catch (error) {
        signal.throwIfAborted()
        // A broker that fails under load is a result, not the end of the others.
        const reason = error instanceof Error ? error.message : String(error)
        result.failures.push(reason)
        say(`${row.name} ${result.broker} ${run + 1}/${settings.runs}: failed: ${reason}`)
      }
      signal.throwIfAborted()
    }
  }
  if (!row.isWritten || !countsDiskUse) return results
  return await Promise.all(
    results.map(async (result) =>
      result.broker === 'hawser-disk' ? { ...result, ...(await diskUse(row, settings, say)) } : result,
    ),
  )
}

async function diskUse(
  row: Row,
  settings: Settings,
  say: Surroundings['say'],
): Promise<{ readonly diskUse?: DiskUse }> {
  using folder = temporaryFolder()
  const trace = join(folder.path, 'trace')
  try {
    const { account } = await row.measure('hawser-disk', settings, { within: tracedInto(trace) })
    const use = diskUseOf(trace, account?.published ?? 0)
    say(`${row.name}: ${use.bytes} bytes and ${use.syncs} syncs for ${use.messages} messages`)
    return { diskUse: use }
  } catch (error) {
    say(`${row.name}: what is written was not counted: ${error instanceof Error ? error.message : String(error)}`)
    return {}
  }
}
