/** Faults planted in a watched broker on purpose: each must ring its alarm. */
import type { Broker, TapMessage } from '@hawser/broker'
import { systemClock } from '@hawser/std'
import { tell } from './pulse.ts'

const nothing = (): void => undefined

/** What each does with the publishes that it sees. */
function harms(broker: Broker): Readonly<Record<string, (message: TapMessage) => void>> {
  const hoard: Buffer[] = []
  let seen = 0
  return {
    none: nothing,
    crash: () => {
      if (++seen > 200) process.kill(process.pid, 'SIGKILL')
    },
    stall: () => {
      if (++seen !== 200) return
      const until = systemClock.monotonicMs() + 1_500
      while (systemClock.monotonicMs() < until) nothing()
    },
    leak: () => {
      hoard.push(Buffer.alloc(200_000, 1))
    },
    disturb: () => {
      if (++seen % 500 === 0) broker.kick('witness')
    },
    /** A client that has just come is sent away, and gets nothing of what waited for it. */
    refuse: () => {
      for (const { clientId } of broker.clients()) if (clientId.startsWith('returns-')) broker.kick(clientId)
    },
    fault: () => {
      if (++seen === 200) tell({ kind: 'fault', message: 'planted' })
    },
  }
}

export function plant(broker: Broker, name: string): void {
  const harm = harms(broker)[name] ?? nothing
  if (harm !== nothing) broker.tap({ filter: '#', message: (_, message) => harm(message) })
}
