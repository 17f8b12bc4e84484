/** The tables of one invocation, as Markdown. */
import type { Bound, Row } from '../rows/row.ts'
import { isMet, medianOf, medianTraffic, type Spread, spreadOf, sumTraffic } from './figures.ts'
import type { Results, RowResult } from './results.ts'

/** At so much of a core the generator is what limits a row. */
const fullCore = 0.95
const absent = '–'

export function markdown(results: Results, rows: readonly Row[]): string {
  return [about(results), ...rows.map((row) => rowTable(row, results)), noise(results)].join('\n\n')
}

function about({ at, machine, settings }: Results): string {
  const { processor, cores, memoryGigabytes, kernel, node, mosquitto, aedes, commit, loadAverage, fdatasyncMs } =
    machine
  return [
    `Made ${at.slice(0, 16)} UTC at ${commit}: medians of ${settings.runs} alternating runs of ${settings.seconds} s.`,
    `${processor}, ${cores} cores, ${memoryGigabytes} GiB, Linux ${kernel}; Node ${node.slice(1)},`,
    `Mosquitto ${mosquitto}, Aedes ${aedes}. fdatasync of 4 KiB ${fdatasyncMs.toFixed(2)} ms (median).`,
    `Load average before the first run ${loadAverage.toFixed(1)}.`,
  ].join(' ')
}

/** Above so many cores taken by other work, figures and ratios are not worth quoting. */
const quietCoresMax = 0.1

function noise({ rows }: Results): string[] {
  const taken = rows.flatMap((result) => medianTraffic(result, ({ use }) => use.otherCores) ?? [])
  if (taken.length === 0) return []
  const most = Math.max(...taken)
  const verdict = most > quietCoresMax ? 'this was no quiet machine: do not quote these figures' : 'a quiet machine'
  return [`Other work took up to ${most.toFixed(2)} cores while a row was measured (median of its runs): ${verdict}.`]
}

function rowTable(row: Row, { rows }: Results): string {
  const mosquitto = medianOf(rows, row.name, 'mosquitto')
  const own = rows.filter((result) => result.row === row.name)
  const hasTraffic = own.some((result) => result.runs.some(({ traffic }) => traffic !== undefined))
  const header = ['broker', `${row.unit} (least–most)`, '× Mosquitto', 'promised', 'aim']
  if (hasTraffic) {
    header.push('per broker core-second', 'lost / twice / late', 'broker core', 'generator core', 'others', 'peak MB')
  }
  const lines = own.map((result) => [
    ...figureCells(row, result, mosquitto),
    ...(hasTraffic ? trafficCells(row, result) : []),
    notes(row, result),
  ])
  return `**${row.name}**: ${row.what}\n\n${table([...header, 'notes'], lines)}`
}

function figureCells(row: Row, result: RowResult, mosquitto: number | undefined): string[] {
  const spread = spreadOf(result)
  const goals = row.goals[result.broker]
  const verdict = (bound: Bound | undefined): string =>
    bound === undefined ? absent : boundCell(bound, row, isMet(bound, spread?.median, mosquitto))
  const ratio = spread === undefined || mosquitto === undefined ? absent : figure(spread.median / mosquitto)
  return [result.broker, spreadCell(spread), ratio, verdict(goals?.promised), verdict(goals?.aim)]
}

function trafficCells(row: Row, result: RowResult): string[] {
  const sum = (pick: Parameters<typeof sumTraffic>[1]): string => whole(sumTraffic(result, pick))
  const cores = (pick: Parameters<typeof medianTraffic>[1]): string => medianTraffic(result, pick)?.toFixed(2) ?? absent
  const perCore =
    row.unit !== 'messages/s'
      ? undefined
      : medianTraffic(result, ({ deliveredPerSecond, use }) => deliveredPerSecond / use.brokerCores)
  return [
    perCore === undefined ? absent : figure(perCore),
    [sum(({ lost }) => lost), sum(({ duplicated }) => duplicated), sum(({ outOfOrder }) => outOfOrder)].join(' / '),
    cores(({ use }) => use.brokerCores),
    cores(({ use }) => use.generatorCores),
    cores(({ use }) => use.otherCores),
    whole(medianTraffic(result, ({ use }) => use.brokerPeakMegabytes) ?? 0),
  ]
}

function notes(row: Row, result: RowResult): string {
  const all = new Set(result.runs.flatMap(({ note }) => note ?? []))
  const median = (pick: Parameters<typeof medianTraffic>[1]): number => medianTraffic(result, pick) ?? 0
  const generatorCores = median(({ use }) => use.generatorCores)
  if (row.unit === 'µs' && result.runs.length > 0) {
    all.add(`p50 ${whole(median(({ latencyMicros }) => latencyMicros.p50))} µs`)
    all.add(`sent late by p99 ${whole(median(({ sentLateMicros }) => sentLateMicros.p99))} µs`)
  } else if (generatorCores >= fullCore) all.add("the generator's core is full: it is the limit")
  const undelivered = sumTraffic(result, (traffic) => traffic.undelivered)
  if (undelivered > 0) all.add(`${whole(undelivered)} still on their way when the runs were ended`)
  const closed = sumTraffic(result, (traffic) => traffic.closed)
  if (closed > 0) all.add(`closed ${closed} connections`)
  for (const failure of result.failures) all.add(`a run failed: ${failure}`)
  return [...all].join('; ').replaceAll('\n', ' ').replaceAll('|', '\\|')
}

function boundCell(bound: Bound, row: Row, met: boolean | undefined): string {
  const verdict = met === undefined ? '' : met ? ' ✓' : ' ✗'
  switch (bound.kind) {
    case 'at most':
      return `≤ ${whole(bound.value)} ${row.unit}${verdict}`
    case 'at least × Mosquitto':
      return `≥ ${bound.factor} ×${verdict}`
    case 'at most × Mosquitto':
      return `≤ ${bound.factor} ×${verdict}`
    default:
      throw bound satisfies never
  }
}

const spreadCell = (spread: Spread | undefined): string =>
  spread === undefined ? absent : `${figure(spread.median)} (${figure(spread.min)}–${figure(spread.max)})`

/** Three digits that count. */
const figure = (value: number): string =>
  (value >= 1000 ? Number(value.toPrecision(3)) : Number(value.toPrecision(2))).toLocaleString('en')

const whole = (value: number): string => Math.round(value).toLocaleString('en')

const table = (header: readonly string[], lines: readonly (readonly string[])[]): string =>
  [header, header.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
