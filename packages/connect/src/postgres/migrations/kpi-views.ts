/** Views with the final formulas. They hold nothing, so each start replaces them: columns may be added at their end. */
import { kpiFormulas, kpiSql, measureSql } from '@hawser/streams'

const atMicros = (column: string, name: string): string =>
  `timestamptz 'epoch' + ${column} * interval '1 microsecond' AS ${name}`

export function kpiViews(): readonly string[] {
  const formulas = kpiFormulas.map((formula) => `${kpiSql(formula)} AS ${formula.name}`)
  const { mean, min, max } = measureSql()
  return [
    `CREATE OR REPLACE VIEW hawser.kpi AS SELECT
      specification, version, key AS machine,
      ${atMicros('window_start_micros', 'window_start')},
      ${atMicros('window_end_micros', 'window_end')},
      window_start_micros, window_end_micros, revision, final, readings, flagged, alarm_edges, produced, scrap,
      counter_resets, counter_jumps, scrap_measured = 0 AS quality_assumed,
      ${formulas.join(',\n')}
    FROM hawser.kpi_windows`,
    `CREATE OR REPLACE VIEW hawser.kpi_measure AS SELECT
      specification, version, key AS machine,
      ${atMicros('window_start_micros', 'window_start')},
      window_start_micros, revision, final, measure, unit, n, ${mean} AS mean, ${min} AS min, ${max} AS max
    FROM hawser.kpi_measures`,
    `CREATE OR REPLACE VIEW hawser.alarm AS SELECT
      specification, version, key AS machine, event_id, ${atMicros('event_time_micros', 'event_time')}, event_time_micros
    FROM hawser.alarms`,
  ]
}
