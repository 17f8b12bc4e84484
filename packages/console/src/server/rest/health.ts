/** What is well and what is not, part by part, from one snapshot. */
import type { ConnectorSnapshot, Health, HealthCheck, Part, Snapshot } from '@hawser/admin'

export function healthOf(snapshot: Snapshot): Health {
  return summed([...readinessOf(snapshot).checks, ...snapshot.connectors.map(connector), ...snapshot.parts.map(part)])
}

/** Whether clients should be sent here; a sink that is down is no reason not to. */
export function readinessOf({ broker, log }: Snapshot): Health {
  const open = log.status.kind === 'open'
  return summed([
    { part: 'broker', ok: broker.state === 'running', detail: `${broker.state}, ${broker.connections.now} connected` },
    { part: 'log', ok: open, detail: log.status.kind === 'open' ? `open, ${log.durability}` : log.status.reason },
  ])
}

export function unreadable(reason: string): Health {
  return { ok: false, checks: [{ part: 'broker', ok: false, detail: reason }] }
}

function summed(checks: HealthCheck[]): Health {
  return { ok: checks.every(({ ok }) => ok), checks }
}

/** A sink that is down is not well, though nothing is lost; one that somebody paused is as wanted. */
function connector({ name, state, lag, lastError }: ConnectorSnapshot): HealthCheck {
  const ok = ['running', 'lagging', 'starting', 'paused'].includes(state)
  const why = ok || lastError === null ? '' : `: ${lastError.message}`
  return { part: `connector:${name}`, ok, detail: `${state}, ${lag.messages} behind${why}` }
}

function part({ name, state, restarts, lastExit }: Part): HealthCheck {
  const ok = state === 'running' || state === 'starting'
  const why = ok || lastExit === null ? '' : `, ${lastExit}`
  return { part: `part:${name}`, ok, detail: `${state}, ${restarts} restarts${why}` }
}
