/** Machines that are heard have KPI rows, up to the window that is open now. */
import type { KpiWindow } from '@hawser/admin'
import type { Check } from '../check.ts'
import { failed, passed, skipped } from '../finding.ts'
import { lookUntil } from '../waiting.ts'

const subject = { name: 'kpi', what: 'KPI rows' }
/** Machines that are looked at; the others come from the same connector. */
const machinesMax = 5

interface Rows {
  readonly machine: string
  readonly windows: readonly KpiWindow[]
}

export const kpiRowsCheck: Check = {
  subject,
  needs: 'console',
  async run(context) {
    const { console, scenarios, scale } = context
    if (!scenarios.includes('factory')) return [skipped(subject, 'the scenario factory does not run here')]
    if (scale['machine'] === 0) return [skipped(subject, 'machines are left out by --scale')]
    const look = async () => {
      const { machines, atMs } = await console.snapshot()
      const rows = await Promise.all(
        machines.slice(0, machinesMax).map(async ({ id }): Promise<Rows> => {
          const { windows } = await console.machineHistory(id)
          return { machine: id, windows }
        }),
      )
      return { rows, lacking: rows.filter(({ windows }) => !windows.some((window) => isFresh(window, atMs))) }
    }
    const { latest } = await lookUntil(
      context,
      look,
      ({ latest }) => latest.rows.length > 0 && latest.lacking.length === 0,
    )
    const mend = 'the first come within seconds of the start; see the line of the connector that writes them'
    if (latest.rows.length === 0) return [failed(subject, 'no machine is known', mend)]
    if (latest.lacking.length > 0) {
      const names = latest.lacking.map(({ machine }) => machine).join(', ')
      return [failed(subject, `none of the last minutes for ${names}`, mend)]
    }
    const count = latest.rows.reduce((sum, { windows }) => sum + windows.length, 0)
    return [passed(subject, `${count} windows of ${latest.rows.length} machines looked at, up to now`)]
  },
}

/** A row of the window that is open, or of the one before it while the next batch is on its way. */
const isFresh = ({ startMs, endMs }: KpiWindow, atMs: number): boolean => endMs + (endMs - startMs) >= atMs
