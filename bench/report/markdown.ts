/** The tables of one invocation, as Markdown. */
import type { Account } from '../load/job.ts'
import type { DiskUse } from '../machine/disk-use.ts'
import type { ProcessUse } from '../machine/processes.ts'
import type { Bound, Measurement, Row } from '../rows/row.ts'
import { figure, table, whole } from './cells.ts'
import { isMet, medianOf, medianOver, type Spread, spreadOf, sumOver } from './figures.ts'
import { profileTable } from './profile-table.ts'
import type { Results, RowResult } from './results.ts'

/** At so much of a core the generator is what limits a row. */
const fullCore = 0.95
const absent = '–'

export function markdown(results: Results, rows: readonly Row[]): string {
  const tables = rows.map((row) => rowTable(row, results))
  return [about(results), ...tables, ...profileTable(results.profiles), ...noise(results)].join('\n\n')
}

function about({ at, machine, settings }: Results): string {
  const { processor, cores, memoryGigabytes, kernel, node, commit, loadAverage, fdatasyncMs } = machine
  const { mosquitto, aedes, nats } = machine
  return [
    `Made ${at.slice(0, 16)} UTC at ${commit}: medians of ${settings.runs} alternating runs of ${settings.seconds} s.`,
    `${processor}, ${cores} cores, ${memoryGigabytes} GiB, Linux ${kernel}; Node ${node.slice(1)},`,
    `Mosquitto ${mosquitto}, Aedes ${aedes}, NATS ${nats}. fdatasync of 4 KiB ${fdatasyncMs.toFixed(2)} ms (median).`,
    `Load average before the first run ${loadAverage.toFixed(1)}.`,
  ].join(' ')
}

/** Above so many cores taken by other work, figures and ratios are not worth quoting. */
const quietCoresMax = 0.1

function noise({ rows }: Results): string[] {
  const taken = rows.flatMap((result) => medianOver(result, ({ use }) => use?.otherCores) ?? [])
  if (taken.length === 0) return []
  const most = Math.max(...taken)
  const verdict = most > quietCoresMax ? 'this was no quiet machine: do not quote these figures' : 'a quiet machine'
  return [`Other work took up to ${most.toFixed(2)} cores while a row was measured (median of its runs): ${verdict}.`]
}

function rowTable(row: Row, { rows }: Results): string {
  const mosquitto = medianOf(rows, row.name, 'mosquitto')
  const own = rows.filter((result) => result.row === row.name)
  const hasUse = own.some((result) => result.runs.some(({ use }) => use !== undefined))
  const header = ['broker', `${row.unit} (least–most)`, '× Mosquitto', 'promised', 'aim']
  if (hasUse) {
    header.push('per broker core-second', 'lost / twice / late', 'broker core', 'generator core', 'others', 'peak MB')
  }
  const lines = own.map((result) => [
    ...figureCells(row, result, mosquitto),
    ...(hasUse ? useCells(row, result) : []),
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

function useCells(row: Row, result: RowResult): string[] {
  const sum = (pick: (account: Account) => number): string =>
    whole(sumOver(result, ({ account }) => account && pick(account)))
  const median = (pick: (use: ProcessUse) => number): number | undefined =>
    medianOver(result, ({ use }) => use && pick(use))
  const cores = (pick: (use: ProcessUse) => number): string => median(pick)?.toFixed(2) ?? absent
  const perCore = row.unit.endsWith('/s')
    ? medianOver(result, ({ value, use }) => use && value / use.brokerCores)
    : undefined
  const hasAccount = result.runs.some(({ account }) => account !== undefined)
  const counts = [sum(({ lost }) => lost), sum(({ duplicated }) => duplicated), sum(({ outOfOrder }) => outOfOrder)]
  return [
    perCore === undefined ? absent : figure(perCore),
    hasAccount ? counts.join(' / ') : absent,
    cores(({ brokerCores }) => brokerCores),
    cores(({ generatorCores }) => generatorCores),
    cores(({ otherCores }) => otherCores),
    whole(median(({ brokerPeakMegabytes }) => brokerPeakMegabytes) ?? 0),
  ]
}

function notes(row: Row, result: RowResult): string {
  const all = new Set(result.runs.flatMap(({ note }) => note ?? []))
  const median = (pick: (run: Measurement) => number | undefined): number => medianOver(result, pick) ?? 0
  if (row.unit === 'µs' && result.runs.length > 0) {
    all.add(`p50 ${whole(median(({ latencyMicros }) => latencyMicros?.p50))} µs`)
    all.add(`sent late by p99 ${whole(median(({ sentLateMicros }) => sentLateMicros?.p99))} µs`)
    const [p50, p99] = [median(({ syncMicros }) => syncMicros?.p50), median(({ syncMicros }) => syncMicros?.p99)]
    if (p50 > 0) all.add(`the disk alone syncs in p50 ${whole(p50)} µs, p99 ${whole(p99)} µs`)
  } else if (median(({ use }) => use?.generatorCores) >= fullCore) {
    all.add("the generator's core is full: it is the limit")
  }
  const undelivered = sumOver(result, ({ account }) => account?.undelivered)
  if (undelivered > 0) all.add(`${whole(undelivered)} still on their way when the runs were ended`)
  const closed = sumOver(result, ({ account }) => account?.closed)
  if (closed > 0) all.add(`closed ${closed} connections`)
  if (result.diskUse !== undefined) all.add(diskNote(result.diskUse))
  for (const failure of result.failures) all.add(`a run failed: ${failure}`)
  return [...all].join('; ').replaceAll('\n', ' ').replaceAll('|', '\\|')
}

const diskNote = ({ bytes, syncs, messages }: DiskUse): string =>
  `an acknowledgement takes ${figure(bytes / messages)} bytes written and ${(syncs / messages).toPrecision(2)} syncs`

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
