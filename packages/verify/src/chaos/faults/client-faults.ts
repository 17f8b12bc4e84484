/** Faults that clients are: they need nothing of the cluster but its addresses. */
import { type Milliseconds, milliseconds } from '@hawser/std'
import { type Reach, type RoamingClient, roam } from '../clients/roaming.ts'
import { waitUntil, within } from '../clients/wait-until.ts'
import { notIn } from '../forms/stream.ts'
import type { Fault } from './fault.ts'

const connectMsMax = milliseconds(60_000)
/** So many connect at once ahead of the first round. */
const gentleCount = 200

export interface Crowd {
  readonly reach: Reach
  readonly prefix: string
  readonly count: number
}

/** Many clients lose their connections in one instant and are back as fast as they can. */
export function stormFault({ reach, prefix, count }: Crowd, owned: AsyncDisposableStack): Fault {
  const crowd: RoamingClient[] = []
  return {
    name: 'storm',
    holdMs: milliseconds(0),
    async prepare({ clock, signal }) {
      while (crowd.length < count) {
        const some = Array.from({ length: Math.min(gentleCount, count - crowd.length) }, (_, index) => {
          const first = crowd.length + index
          // A crowd is idle: it need not ask every other second whether its node is there.
          return owned.use(
            roam(
              { ...reach, patienceSeconds: 60 },
              { clientId: `${prefix}-crowd-${first}`, first, version: 5, clean: true },
            ),
          )
        })
        crowd.push(...some)
        const all = Promise.all(some.map((client) => client.connected()))
        await within(clock, connectMsMax, signal, all, () => notIn('a crowd of clients', connectMsMax))
      }
    },
    async inject({ clock, signal }) {
      const startedAtMs = clock.monotonicMs()
      const gone = Promise.all(
        crowd.map(({ mqtt }) => new Promise<void>((resolve) => mqtt.once('close', () => resolve()))),
      )
      for (const client of crowd) client.cut()
      await gone
      const areBack = await waitUntil(clock, connectMsMax, signal, () => crowd.every(({ mqtt }) => mqtt.connected))
      const tookMs = Math.round(clock.monotonicMs() - startedAtMs)
      if (areBack) return `${count} clients cut at once, all back after ${tookMs} ms`
      const away = crowd.filter(({ mqtt }) => !mqtt.connected).length
      return `${count} clients cut at once, ${away} not back after ${tookMs} ms`
    },
  }
}

/** A subscriber of everything that stops reading: it harms itself alone. */
export const slowFault = ({ reach, prefix }: Omit<Crowd, 'count'>, holdMs: Milliseconds): Fault => ({
  name: 'slow',
  holdMs,
  async inject({ clock, random, signal, undo }) {
    const first = random.integer(reach.addresses.length)
    const reader = undo.use(
      roam({ ...reach, patienceSeconds: 3600 }, { clientId: `${prefix}-slow`, first, version: 5, clean: true }),
    )
    const subscribed = reader.mqtt.subscribeAsync(`${prefix}/#`, { qos: 1 })
    await within(clock, connectMsMax, signal, subscribed, () => notIn('the slow reader', connectMsMax))
    reader.mqtt.stream.unpipe()
    reader.mqtt.stream.pause()
    return `a subscriber of everything stopped reading at ${reach.addresses[first]?.host}`
  },
})
