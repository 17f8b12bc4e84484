import type { Part, PartState } from '@hawser/admin'
import { duration, none, whole } from '../format.ts'

const tones: Readonly<Record<PartState, 'good' | 'warn' | 'bad'>> = {
  starting: 'warn',
  running: 'good',
  backoff: 'warn',
  stopped: 'bad',
  failed: 'bad',
}

export function PartRows({ parts, nowMs }: { readonly parts: readonly Part[]; readonly nowMs: number }) {
  if (parts.length === 0) return <p class="empty">Everything runs in one process.</p>
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Part</th>
            <th scope="col">State</th>
            <th scope="col" class="number">
              For
            </th>
            <th scope="col" class="number">
              Process
            </th>
            <th scope="col" class="number">
              Restarts
            </th>
          </tr>
        </thead>
        <tbody>
          {parts.map((part) => (
            <tr key={part.name}>
              <th scope="row">{part.name}</th>
              <td>
                <span class={`state ${tones[part.state]}`}>
                  <i aria-hidden="true" />
                  {part.state}
                </span>
              </td>
              <td class="number">{duration(Math.max(0, (nowMs - part.sinceMs) / 1000))}</td>
              <td class="number">{part.pid ?? none}</td>
              <td class="number" title={part.lastExit ?? undefined}>
                {whole(part.restarts)}
                {part.lastExit === null ? null : <small>{part.lastExit}</small>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
