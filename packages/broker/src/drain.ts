/** Sends clients away at a pace, so that those who take them are not stormed: 0x8B, or 0x9C where another server is named. */
import { type Clock, type Milliseconds, milliseconds, sleep } from '@hawser/std'
import type { Connection } from './session/connection.ts'
import { sayFarewell } from './session/disconnect.ts'

export interface DrainOptions {
  readonly clock: Clock
  readonly connections: ReadonlySet<Connection>
  /** Clients a second. */
  readonly rate: number
  readonly signal: AbortSignal
}

const stepMs: Milliseconds = milliseconds(100)

/** Resolves once nobody is left, or when it is aborted. Nobody may come any more meanwhile. */
export async function drain({ clock, connections, rate, signal }: DrainOptions): Promise<void> {
  const sinceMs = clock.monotonicMs()
  for (let sent = 0; connections.size > 0 && !signal.aborted; ) {
    const due = Math.ceil(((clock.monotonicMs() - sinceMs + stepMs) * rate) / 1000)
    for (const connection of [...connections].slice(0, Math.max(0, due - sent))) {
      sayFarewell(connection)
      sent++
    }
    await sleep(clock, stepMs, signal).catch(() => undefined)
  }
}
