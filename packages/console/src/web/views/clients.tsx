import type { Client, ClientPage } from '@hawser/admin'
import { ago, none, whole } from '../format.ts'
import { Act } from '../parts/act.tsx'
import { Card } from '../parts/card.tsx'
import { Search } from '../parts/search.tsx'
import { usePolled } from '../state/rest.ts'
import { addressOf } from '../state/route.ts'

const pageItems = 25
const everyMs = 2_000

export function Clients({ query, nowMs }: { readonly query: URLSearchParams; readonly nowMs: number }) {
  const search = query.get('search') ?? ''
  const offset = Math.max(0, Number.parseInt(query.get('offset') ?? '0', 10) || 0)
  const asked = new URLSearchParams({ search, offset: String(offset), limit: String(pageItems) })
  const { data, error } = usePolled<ClientPage>(`/api/v1/clients?${asked}`, everyMs)
  return (
    <>
      <div class="head">
        <h1>Clients</h1>
        <Search view="clients" value={search} label="Search client id, user or address" />
      </div>
      <Card title={data === undefined ? 'Loading…' : `${whole(data.matching)} of ${whole(data.total)}`} aside={error}>
        {data === undefined ? null : <ClientTable clients={data.items} nowMs={nowMs} />}
        {data === undefined ? null : <Pager search={search} offset={offset} matching={data.matching} />}
      </Card>
    </>
  )
}

function ClientTable({ clients, nowMs }: { readonly clients: readonly Client[]; readonly nowMs: number }) {
  if (clients.length === 0) return <p class="empty">No client matches.</p>
  return (
    <div class="scroll">
      <table class="striped">
        <thead>
          <tr>
            {['Client', 'Address', 'MQTT', 'Connected'].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            {['Subscriptions', 'In flight', 'Received', 'Sent'].map((name) => (
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
          {clients.map((client) => (
            <ClientRow key={client.clientId} client={client} nowMs={nowMs} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function ClientRow({ client, nowMs }: { readonly client: Client; readonly nowMs: number }) {
  const tone = !client.connected ? 'off' : client.lagging ? 'warn' : 'good'
  return (
    <tr>
      <th scope="row">
        <span class={`state ${tone}`}>
          <i aria-hidden="true" />
          {client.clientId}
        </span>
        {client.username === null ? null : <small>{client.username}</small>}
        {client.lagging ? <small class="tag warn">slow</small> : null}
      </th>
      <td>{client.address}</td>
      <td>{client.protocol}</td>
      <td>{client.connected && client.connectedAtMs !== null ? ago(client.connectedAtMs, nowMs) : 'offline'}</td>
      <td class="number">{whole(client.subscriptions)}</td>
      <td class="number">{client.connected ? whole(client.inflight) : none}</td>
      <td class="number">{whole(client.received)}</td>
      <td class="number">{whole(client.sent)}</td>
      <td class="number">
        {client.connected ? (
          <Act
            label="Disconnect"
            name={`Disconnect ${client.clientId}`}
            path="/api/v1/clients/kick"
            body={{ clientId: client.clientId }}
          />
        ) : null}
      </td>
    </tr>
  )
}

interface PagerProps {
  readonly search: string
  readonly offset: number
  readonly matching: number
}

function Pager({ search, offset, matching }: PagerProps) {
  const last = Math.min(offset + pageItems, matching)
  const link = (to: number): string => addressOf('clients', undefined, { search, offset: to })
  return (
    <nav class="pager" aria-label="Pages">
      {offset > 0 ? <a href={link(Math.max(0, offset - pageItems))}>Previous</a> : <span>Previous</span>}
      <span aria-live="polite">{matching === 0 ? '0' : `${whole(offset + 1)}–${whole(last)}`}</span>
      {last < matching ? <a href={link(offset + pageItems)}>Next</a> : <span>Next</span>}
    </nav>
  )
}
