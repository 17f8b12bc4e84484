/** Runs rows side by side: each run goes through all brokers of a row, every second run in the opposite order. */
import type { BrokerName } from './brokers/broker-kind.ts'
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
  { say, signal }: Surroundings,
): Promise<RowResult[]> {
  const results = names.map((broker) => ({
    row: row.name,
    broker,
    runs: [] as Measurement[],
    failures: [] as string[],
  }))
  for (let run = 0; run < settings.runs; run++) {
    for (const result of run % 2 === 0 ? results : results.toReversed()) {
      try {
        const measurement = await row.measure(result.broker, settings, { nodeFlags: [] })
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
  return results
}
