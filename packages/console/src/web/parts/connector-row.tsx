import type { ConnectorSnapshot } from '@hawser/admin'
import { duration, rate, whole } from '../format.ts'

/** A lag older than this is worth a look. */
const lagSecondsHigh = 10
/** Of its backlog, from which on it is told. */
const shareShown = 0.01

export function connectorTone({ state, lag }: ConnectorSnapshot): 'good' | 'warn' | 'bad' {
  if (state === 'failed' || state === 'stopped') return 'bad'
  return state !== 'running' || (lag.seconds ?? 0) > lagSecondsHigh ? 'warn' : 'good'
}

export function lagText({ lag }: ConnectorSnapshot): string {
  if (lag.seconds === null || lag.messages === 0) return whole(lag.messages)
  const age = `${whole(lag.messages)} · ${duration(lag.seconds)}`
  return lag.share < shareShown ? age : `${age} · ${Math.round(lag.share * 100)} % of its backlog`
}

export function ConnectorRows({ connectors }: { readonly connectors: readonly ConnectorSnapshot[] }) {
  if (connectors.length === 0) return <p class="empty">No connector is configured.</p>
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Connector</th>
          <th scope="col" class="number">
            Lag
          </th>
          <th scope="col" class="number">
            Rate
          </th>
        </tr>
      </thead>
      <tbody>
        {connectors.map((connector) => (
          <tr key={connector.name}>
            <th scope="row">
              <span class={`state ${connectorTone(connector)}`}>
                <i aria-hidden="true" />
                {connector.name}
              </span>
              <small>{connector.state === 'running' ? connector.target : connector.state}</small>
            </th>
            <td class="number">{lagText(connector)}</td>
            <td class="number">{rate(connector.ratePerSecond)}/s</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
