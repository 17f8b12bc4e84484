import type { KpiWindow, Machine, MachineHistory, Snapshot } from '@hawser/admin'
import { ago, decimal, none, percent, timeOfDay, timeOfMinute, whole } from '../format.ts'
import { Card } from '../parts/card.tsx'
import { Chart } from '../parts/chart.tsx'
import { Figure } from '../parts/ledger.tsx'
import { StateMark, shownWindow } from '../parts/machine-state.tsx'
import { Timeline } from '../parts/timeline.tsx'
import { usePolled } from '../state/rest.ts'
import { addressOf } from '../state/route.ts'

const everyMs = 2_000

export function Machines({
  snapshot,
  selected,
}: {
  readonly snapshot: Snapshot
  readonly selected: string | undefined
}) {
  const { machines, machinesTotal, atMs } = snapshot
  const machine = machines.find(({ id }) => id === selected) ?? (selected === undefined ? machines[0] : undefined)
  return (
    <>
      <div class="head">
        <h1>Machines</h1>
        <p class="quiet">{whole(machinesTotal)} known</p>
      </div>
      <div class="master">
        <Card title="All machines" aside="OEE, * provisional">
          {machines.length === 0 ? <p class="empty">No machine has sent a reading yet.</p> : null}
          <ul class="rows choose">
            {machines.map((each) => (
              <Choice key={each.id} machine={each} chosen={each.id === machine?.id} />
            ))}
          </ul>
        </Card>
        {machine === undefined ? (
          <p class="empty">{selected === undefined ? '' : `${selected} is not among the machines.`}</p>
        ) : (
          <Detail key={machine.id} machine={machine} nowMs={atMs} />
        )}
      </div>
    </>
  )
}

function Choice({ machine, chosen }: { readonly machine: Machine; readonly chosen: boolean }) {
  const window = shownWindow(machine)
  return (
    <li>
      <a href={addressOf('machines', machine.id)} aria-current={chosen ? 'true' : undefined}>
        <span>{machine.id}</span>
        <StateMark state={machine.state} category={machine.category} />
        <span class="number">
          {percent(window?.oee)}
          {window?.final === false ? '*' : ''}
        </span>
      </a>
    </li>
  )
}

function Detail({ machine, nowMs }: { readonly machine: Machine; readonly nowMs: number }) {
  const asked = new URLSearchParams({ machine: machine.id, windows: '60' })
  const { data, error } = usePolled<MachineHistory>(`/api/v1/machines/history?${asked}`, everyMs)
  return (
    <div class="stack">
      <Card
        title={machine.id}
        aside={
          <>
            <StateMark state={machine.state} category={machine.category} /> · seen {ago(machine.lastSeenAtMs, nowMs)}
          </>
        }
      >
        <Kpis machine={machine} />
        {data === undefined ? <p class="empty">{error ?? 'Loading…'}</p> : <Timeline segments={data.segments} />}
      </Card>
      {data === undefined ? null : <Over windows={data.windows} alarms={data.alarms} />}
    </div>
  )
}

function Kpis({ machine }: { readonly machine: Machine }) {
  const window = shownWindow(machine)
  if (window === null) return <p class="empty">No KPI window yet.</p>
  const temperature = window.temperatureCelsius
  const speed = window.speedRpm
  return (
    <>
      <p class="quiet">
        Window {timeOfMinute(window.startMs)}–{timeOfMinute(window.endMs)}{' '}
        {window.final ? <small class="tag">final</small> : <small class="tag warn">provisional</small>}
      </p>
      <dl class="figures kpis">
        <Figure name="OEE" value={percent(window.oee)} />
        <Figure name="Availability" value={percent(window.availability)} />
        <Figure name="Effectiveness" value={percent(window.effectiveness)} />
        <Figure name={window.qualityAssumed ? 'Quality (assumed)' : 'Quality'} value={percent(window.quality)} />
        <Figure name="Produced" value={whole(window.produced)} />
        <Figure name="Alarms per hour" value={decimal(window.alarmRatePerHour)} />
        <Figure name="Temperature °C, mean (range)" value={spreadText(temperature)} />
        <Figure name="Speed rpm, mean (range)" value={spreadText(speed)} />
      </dl>
    </>
  )
}

function spreadText(spread: KpiWindow['speedRpm']): string {
  if (spread === null) return none
  return `${whole(spread.mean)} (${whole(spread.min)}–${whole(spread.max)})`
}

function Over({ windows, alarms }: Pick<MachineHistory, 'windows' | 'alarms'>) {
  const times = windows.map(({ startMs }) => startMs)
  return (
    <>
      <Card title="OEE and availability over time" aside="the last point is provisional while its window is open">
        <Chart
          label="OEE and availability by window"
          height={170}
          times={times}
          columns={[
            windows.map(({ oee }) => (oee === null ? null : oee * 100)),
            windows.map(({ availability }) => (availability === null ? null : availability * 100)),
          ]}
          series={[
            { label: 'OEE %', color: '--series-1', filled: true },
            { label: 'Availability %', color: '--series-2' },
          ]}
        />
      </Card>
      <Card title="Alarms over time" aside="per window">
        <Chart
          label="Alarms by window"
          height={120}
          bars
          times={times}
          columns={[windows.map((window) => window.alarms)]}
          series={[{ label: 'Alarms', color: '--bad' }]}
        />
        <ul class="rows alarms">
          {alarms.slice(0, 8).map((alarm) => (
            <li key={alarm.atMs} class={alarm.severity}>
              <i aria-hidden="true" />
              <span>{alarm.severity}</span>
              <span>{alarm.message}</span>
              <time dateTime={new Date(alarm.atMs).toISOString()}>{timeOfDay(alarm.atMs)}</time>
            </li>
          ))}
        </ul>
      </Card>
    </>
  )
}
