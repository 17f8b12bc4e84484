import type { Machine, StateCategory } from '@hawser/admin'
import { percent } from '../format.ts'
import { addressOf } from '../state/route.ts'

export function StateMark({ state, category }: { readonly state: string; readonly category: StateCategory }) {
  return (
    <span class="machine-state">
      <i class={`dot ${category}`} aria-hidden="true" />
      {state.toLowerCase()}
    </span>
  )
}

/** The window that is shown for a machine: the open one as soon as it says something, else the last closed. */
export function shownWindow({ current, lastFinal }: Machine) {
  return current !== null && current.oee !== null ? current : (lastFinal ?? current)
}

export function OeeRow({ machine }: { readonly machine: Machine }) {
  const window = shownWindow(machine)
  const oee = window?.oee ?? null
  const final = machine.lastFinal?.oee ?? null
  const provisional = window !== null && !window.final
  return (
    <li class="oee">
      <a href={addressOf('machines', machine.id)}>{machine.id}</a>
      <StateMark state={machine.state} category={machine.category} />
      <span class={provisional ? 'bar provisional' : 'bar'} aria-hidden="true">
        <i style={{ width: `${Math.min(1, oee ?? 0) * 100}%` }} />
        {final === null || !provisional ? null : <b style={{ left: `${Math.min(1, final) * 100}%` }} />}
      </span>
      <span class="number">
        {percent(oee)}
        {provisional ? (
          <abbr title="Provisional: the window is still open" aria-label="provisional">
            *
          </abbr>
        ) : null}
      </span>
    </li>
  )
}
