import type { Broker, ConnectorSnapshot, LogSnapshot, Snapshot } from '@hawser/admin'
import { bytes, decimal, duration, none, rate, whole } from '../format.ts'
import { Act } from '../parts/act.tsx'
import { Card } from '../parts/card.tsx'
import { connectorTone, lagText } from '../parts/connector-row.tsx'
import { Figure, LedgerFigures } from '../parts/ledger.tsx'
import { PartRows } from '../parts/part-rows.tsx'

export function System({ snapshot }: { readonly snapshot: Snapshot }) {
  const { broker, log, connectors, parts, ledger, atMs, hints } = snapshot
  return (
    <>
      <div class="head">
        <h1>System</h1>
        <p class="quiet">{hints.dataFolder === null ? '' : `data in ${hints.dataFolder}`}</p>
      </div>
      <Card title="Connectors" aside="pausing needs the token">
        <Connectors connectors={connectors} />
      </Card>
      <Card title="Parts" aside="supervised processes">
        <PartRows parts={parts} nowMs={atMs} />
      </Card>
      <div class="thirds">
        <Card title="Broker" aside={`${broker.id}, ${broker.version}`}>
          <BrokerFigures broker={broker} />
        </Card>
        <Card title="Log" aside={log.id}>
          <LogFigures log={log} />
        </Card>
        <Card title="Ledger">
          <LedgerFigures ledger={ledger} />
        </Card>
      </div>
    </>
  )
}

function Connectors({ connectors }: { readonly connectors: readonly ConnectorSnapshot[] }) {
  if (connectors.length === 0) return <p class="empty">No connector is configured.</p>
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            {['Connector', 'State'].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            {['Lag', 'Rate', 'Batch p50, p99', 'Written', 'Met again', 'Dead letters', 'Lost'].map((name) => (
              <th key={name} scope="col" class="number">
                {name}
              </th>
            ))}
            <th scope="col">
              <span class="hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {connectors.map((connector) => (
            <ConnectorRow key={connector.name} connector={connector} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function ConnectorRow({ connector }: { readonly connector: ConnectorSnapshot }) {
  const { name, state, target, lastError, statistics } = connector
  const { batches } = statistics
  const verb = state === 'paused' || state === 'failed' ? 'resume' : 'pause'
  return (
    <tr>
      <th scope="row">
        {name}
        <small>{target}</small>
      </th>
      <td>
        <span class={`state ${connectorTone(connector)}`}>
          <i aria-hidden="true" />
          {state}
        </span>
        {lastError === null ? null : <small>{lastError.message}</small>}
      </td>
      <td class="number">{lagText(connector)}</td>
      <td class="number">
        {rate(connector.ratePerSecond)}/s
        <small>{rate(statistics.lastFiveMinutes.messagesPerSecond)}/s in 5 min</small>
      </td>
      <td class="number">
        {batches === null ? none : `${decimal(batches.ms.p50)} / ${decimal(batches.ms.p99)} ms`}
        {batches === null ? null : <small>{`${whole(batches.messages.p50)} / ${whole(batches.messages.p99)}`}</small>}
      </td>
      <td class="number">{whole(connector.written)}</td>
      <td class="number">{whole(connector.duplicates)}</td>
      <td class="number">{whole(connector.deadLetters)}</td>
      <td class="number">{whole(connector.lost)}</td>
      <td class="number">
        <Act
          label={verb === 'pause' ? 'Pause' : 'Resume'}
          name={`${verb} ${name}`}
          path={`/api/v1/connectors/${encodeURIComponent(name)}/${verb}`}
        />
      </td>
    </tr>
  )
}

function BrokerFigures({ broker }: { readonly broker: Broker }) {
  const { connections, sessions, retained } = broker
  return (
    <dl class="figures">
      <Figure name="State" value={`${broker.state}, up ${duration(broker.uptimeSeconds)}`} />
      <Figure
        name="Connected, highest, refused"
        value={[connections.now, connections.max, connections.refused].map(whole).join(' / ')}
      />
      <Figure
        name="Sessions online, offline, durable"
        value={[sessions.online, sessions.offline, sessions.durable].map(whole).join(' / ')}
      />
      <Figure name="Subscriptions" value={whole(broker.subscriptions)} />
      <Figure name="Retained" value={`${whole(retained.count)}, ${bytes(retained.bytes)}`} />
      <Figure name="In flight" value={whole(broker.inflight)} />
      {broker.queues.map((queue) => (
        <Figure
          key={queue.name}
          name={`Queue: ${queue.name}`}
          value={`${whole(queue.length)}${queue.lengthMax === null ? '' : ` of ${whole(queue.lengthMax)}`}, ${bytes(queue.bytes)}`}
        />
      ))}
      {broker.listeners.map((listener) => (
        <Figure
          key={listener.name}
          name={`${listener.kind} on ${listener.socketPath ?? `${listener.host}:${listener.port}`}`}
          value={`${whole(listener.connections)} connected`}
        />
      ))}
    </dl>
  )
}

function LogFigures({ log }: { readonly log: LogSnapshot }) {
  const { fsyncLatencyMs: sync, records, status } = log
  return (
    <dl class="figures">
      <Figure
        name="Status"
        value={status.kind === 'open' ? 'open' : `${status.kind}: ${status.reason}`}
        tone={status.kind === 'open' ? 'good' : 'bad'}
      />
      <Figure name="Acknowledged means" value={durabilityText[log.durability]} />
      {log.memoryFilters.length > 0 && <Figure name="In memory alone" value={log.memoryFilters.join(', ')} />}
      <Figure name="Size" value={bytes(log.bytes)} />
      <Figure name="Records appended, committed" value={`${whole(records.appended)} / ${whole(records.committed)}`} />
      <Figure name="Sync p50, p99" value={sync === null ? none : `${decimal(sync.p50)} / ${decimal(sync.p99)} ms`} />
      {log.partitions.map(({ partition, start, end }) => (
        <Figure
          key={partition}
          name={`Partition ${partition}, start – end`}
          value={`${whole(start)} – ${whole(end)}`}
        />
      ))}
    </dl>
  )
}

const durabilityText: Readonly<Record<LogSnapshot['durability'], string>> = {
  memory: 'in memory',
  disk: 'on disk',
  quorum: 'on a quorum of disks',
}
