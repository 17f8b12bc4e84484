import type { Ledger } from '@hawser/admin'
import { none, whole } from '../format.ts'

export function LedgerFigures({ ledger }: { readonly ledger: Ledger }) {
  const drops = Object.entries(ledger.dropped)
  return (
    <dl class="figures">
      <Figure name="Acknowledged to devices" value={whole(ledger.acknowledged)} />
      <Figure name="Recorded in the log" value={whole(ledger.recorded)} />
      <Figure name="Delivered to subscribers and sinks" value={whole(ledger.delivered)} />
      {drops.map(([reason, count]) => (
        <Figure key={reason} name={`Dropped: ${reason}`} value={whole(count)} />
      ))}
      <Figure
        name="Missing"
        value={ledger.missing === null ? none : whole(ledger.missing)}
        tone={ledger.missing === null ? '' : ledger.missing === 0 ? 'good' : 'bad'}
      />
    </dl>
  )
}

export function Figure({
  name,
  value,
  tone = '',
}: {
  readonly name: string
  readonly value: string
  readonly tone?: string
}) {
  return (
    <div class={tone}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}
