import type { LiveFrame, Snapshot } from '@hawser/admin'
import { ago, bytes, duration, none, rate, timeOfDay, whole } from '../format.ts'
import { Card, Tile } from '../parts/card.tsx'
import { Chart } from '../parts/chart.tsx'
import { ConnectorRows } from '../parts/connector-row.tsx'
import { CopyCommand } from '../parts/copy-command.tsx'
import { LedgerFigures } from '../parts/ledger.tsx'
import { OeeRow } from '../parts/machine-state.tsx'
import { PartRows } from '../parts/part-rows.tsx'
import { PathPicture } from '../parts/path-picture.tsx'
import { Sparkline } from '../parts/sparkline.tsx'
import { history } from '../state/live.ts'
import { addressOf } from '../state/route.ts'

/** More machines than fit without scrolling are one click away. */
const shownMachinesMax = 7
const sparklineSeconds = 120

export function Overview({ frame }: { readonly frame: LiveFrame }) {
  const { snapshot } = frame
  return (
    <>
      <h1 class="hidden">Overview</h1>
      <Tiles frame={frame} />
      <Card title="Path of a message" class="wide" aside={<BrokerName snapshot={snapshot} />}>
        <PathPicture frame={frame} />
      </Card>
      <div class="thirds">
        <Card title="Lag per connector" aside="behind the log’s end">
          <ConnectorRows connectors={snapshot.connectors} />
          <LagTrend />
        </Card>
        <MachinesCard snapshot={snapshot} />
        <AlarmsCard snapshot={snapshot} />
      </div>
      <RatesCard />
      <div class="halves">
        <Card title="Ledger" aside="nothing is dropped in silence">
          <LedgerFigures ledger={snapshot.ledger} />
        </Card>
        <Card title="Parts" aside="supervised processes">
          <PartRows parts={snapshot.parts} nowMs={snapshot.atMs} />
        </Card>
      </div>
    </>
  )
}

const BrokerName = ({ snapshot: { broker } }: { readonly snapshot: Snapshot }) => (
  <>
    {broker.id} · {broker.listeners.map(({ kind, port, socketPath }) => `${kind} ${socketPath ?? port}`).join(' · ')}
  </>
)

function Tiles({ frame: { snapshot, rates } }: { readonly frame: LiveFrame }) {
  const { broker, connectors, ledger, alarms } = snapshot
  const [alarm] = alarms
  const worst = [...connectors].sort((a, b) => b.lag.messages - a.lag.messages)[0]
  const recent = history.value.slice(-sparklineSeconds).map((point) => point.receivedPerSecond)
  return (
    <div class="tiles">
      <Tile
        label="Devices connected"
        value={whole(broker.connections.now)}
        note={`${whole(broker.sessions.offline)} offline · ${whole(broker.subscriptions)} subscriptions`}
      />
      <Tile
        label="Messages in"
        value={rate(rates.receivedPerSecond)}
        unit="/s"
        note={`${rate(rates.sentPerSecond)}/s out · ${bytes(rates.bytesReceivedPerSecond)}/s in`}
      >
        <Sparkline values={recent} width={110} height={34} fromZero label="Messages in over the last two minutes" />
      </Tile>
      <Tile
        label="Largest lag"
        value={worst === undefined ? none : whole(worst.lag.messages)}
        note={worst === undefined ? 'no connector' : lagNote(worst)}
      />
      <Tile
        label="Missing"
        value={ledger.missing === null ? none : whole(ledger.missing)}
        tone={ledger.missing === null ? undefined : ledger.missing === 0 ? 'good' : 'bad'}
        note={`of ${whole(ledger.acknowledged)} acknowledged`}
      />
      <Tile
        label="Last alarm"
        value={alarm === undefined ? none : alarm.machineId}
        tone={alarm !== undefined && snapshot.atMs - alarm.atMs < freshAlarmMs ? 'bad' : undefined}
        note={alarm === undefined ? 'none yet' : `${ago(alarm.atMs, snapshot.atMs)} · ${alarm.message}`}
      />
    </div>
  )
}

const freshAlarmMs = 60_000

function LagTrend() {
  const lags = history.value.slice(-sparklineSeconds).map((point) => point.lagMessages)
  if (lags.length < 2) return null
  return (
    <figure class="trend">
      <Sparkline values={lags} width={400} height={54} fromZero label="Largest lag over the last two minutes" />
      <figcaption>largest lag, last two minutes, up to {whole(Math.max(...lags))}</figcaption>
    </figure>
  )
}

const lagNote = ({ name, lag }: Snapshot['connectors'][number]): string =>
  lag.seconds === null || lag.messages === 0 ? name : `${name}, ${duration(lag.seconds)} behind`

function MachinesCard({ snapshot }: { readonly snapshot: Snapshot }) {
  const { machines, machinesTotal } = snapshot
  const more = machinesTotal - Math.min(machines.length, shownMachinesMax)
  return (
    <Card
      title="OEE per machine"
      aside={more > 0 ? <a href={addressOf('machines')}>{whole(machinesTotal)} machines</a> : '* provisional'}
    >
      {machines.length === 0 ? (
        <p class="empty">No machine has sent a reading yet.</p>
      ) : (
        <ul class="rows">
          {machines.slice(0, shownMachinesMax).map((machine) => (
            <OeeRow key={machine.id} machine={machine} />
          ))}
        </ul>
      )}
    </Card>
  )
}

const shownAlarmsMax = 4

function AlarmsCard({ snapshot: { alarms, hints } }: { readonly snapshot: Snapshot }) {
  return (
    <div class="stack">
      <Card title="Alarms" aside="newest first" class="grow">
        {alarms.length === 0 ? <p class="empty">No alarm so far.</p> : null}
        <ul class="rows alarms">
          {alarms.slice(0, shownAlarmsMax).map((alarm) => (
            <li key={`${alarm.machineId} ${alarm.atMs}`} class={alarm.severity}>
              <i aria-hidden="true" />
              <a href={addressOf('machines', alarm.machineId)}>{alarm.machineId}</a>
              <span>{alarm.message}</span>
              <time dateTime={new Date(alarm.atMs).toISOString()}>{timeOfDay(alarm.atMs)}</time>
            </li>
          ))}
        </ul>
      </Card>
      <Card title="Publish a message yourself">
        <CopyCommand command={hints.publishCommand} />
      </Card>
    </div>
  )
}

function RatesCard() {
  const points = history.value
  return (
    <Card title="Message rates" aside="per second">
      <Chart
        label="Messages received, sent and recorded per second over the last minutes"
        height={220}
        times={points.map(({ atMs }) => atMs)}
        columns={[
          points.map((point) => point.receivedPerSecond),
          points.map((point) => point.sentPerSecond),
          points.map((point) => point.droppedPerSecond),
        ]}
        series={[
          { label: 'In', color: '--series-1', filled: true },
          { label: 'Out', color: '--series-2' },
          { label: 'Dropped', color: '--bad' },
        ]}
      />
    </Card>
  )
}
