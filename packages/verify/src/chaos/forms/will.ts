/** Clients with wills: some lose their connections when something breaks, some said before that they go. */
import { milliseconds, sleep } from '@hawser/std'
import { connectAsync, type MqttClient } from 'mqtt'
import { login, roam } from '../clients/roaming.ts'
import { waitUntil, within } from '../clients/wait-until.ts'
import type { Balance } from '../ledger/balance.ts'
import { balanceWills, type Fate } from '../ledger/wills.ts'
import type { FormSurroundings, OpenForm } from './form.ts'
import { connectMsMax, notIn } from './stream.ts'

/** Of each kind in each round. */
const eachKind = 2
const retryMs = milliseconds(50)

interface Doomed {
  readonly name: string
  readonly client: MqttClient
  readonly kind: 'leaves' | 'is cut' | 'stays'
  isLost: boolean
}

export async function openWills(surroundings: FormSurroundings): Promise<OpenForm> {
  const { reach, prefix, clock, settleMsMax, signal } = surroundings
  await using stack = new AsyncDisposableStack()
  const watcher = stack.use(roam(reach, { clientId: `${prefix}-will-watcher`, first: 0, version: 5 }))
  const fired: string[] = []
  const firedAtMs = new Map<string, number>()
  watcher.mqtt.on('message', (_topic, payload) => {
    fired.push(`${payload}`)
    surroundings.entries.left--
    firedAtMs.set(`${payload}`, clock.monotonicMs())
  })
  const subscribed = watcher.mqtt.subscribeAsync(`${prefix}/will/#`, { qos: 2 })
  await within(clock, connectMsMax, signal, subscribed, () => notIn('the watcher of wills', connectMsMax))
  const fates = new Map<string, Fate>()
  let doomed: Doomed[] = []
  stack.defer(async () => {
    for (const { client } of doomed) await client.endAsync(true)
  })
  let round = 0
  let faultAtMs = 0
  let ofRound: string[] = []
  const due = (): string[] => ofRound.filter((name) => fates.get(name) === 'lost')
  const recoveryMs = (): number | undefined => {
    const times = due().flatMap((name) => firedAtMs.get(name) ?? [])
    return times.length === 0 ? undefined : Math.max(0, Math.min(...times) - faultAtMs)
  }
  const balance = (names: readonly string[]): Balance => {
    const own = new Set(names)
    return balanceWills(
      new Map([...fates].filter(([name]) => own.has(name))),
      fired.filter((name) => own.has(name)),
    )
  }
  const owned = stack.move()
  return {
    async begin() {
      round++
      doomed = await Promise.all(
        kinds.map(async (kind, index) => {
          const name = `client ${index} of round ${round}`
          const client = await born(name, index + round, surroundings)
          const one: Doomed = { name, client, kind, isLost: false }
          client.on('close', () => {
            one.isLost = true
            if (!fates.has(name)) fates.set(name, 'lost')
          })
          return one
        }),
      )
      ofRound = doomed.map(({ name }) => name)
      for (const one of doomed) if (one.kind === 'leaves') await leave(one, fates)
    },
    fault() {
      faultAtMs = clock.monotonicMs()
      for (const { kind, client } of doomed) if (kind === 'is cut') client.stream.destroy()
    },
    recovered: () => recoveryMs() !== undefined,
    async end() {
      for (const one of doomed) if (one.kind === 'stays' && !one.isLost) await take(one)
      await waitUntil(clock, settleMsMax, signal, () => balance(ofRound).counts.lost === 0)
      return {
        balance: balance(ofRound),
        acknowledged: due().length,
        unknown: ofRound.filter((name) => fates.get(name) === 'unknown').length,
        recoveryMs: recoveryMs(),
        hit: true,
        silenceMs: 0,
      }
    },
    whole: async () => balance([...fates.keys()]),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }

  /** Whoever is told that a message of its own is safe is still held for connected. */
  async function take(one: Doomed): Promise<void> {
    const answered = one.client.publishAsync(`${prefix}/alive`, '', { qos: 1 })
    try {
      await within(clock, settleMsMax, signal, answered, () => new Error('no answer'))
      await leave(one, fates)
    } catch {
      if (!fates.has(one.name)) fates.set(one.name, 'unknown')
      one.client.stream.destroy()
    }
  }
}

const kinds = (['leaves', 'is cut', 'stays'] as const).flatMap((kind) => Array.from({ length: eachKind }, () => kind))

async function leave({ name, client, isLost }: Doomed, fates: Map<string, Fate>): Promise<void> {
  if (isLost) return
  fates.set(name, 'left')
  await client.endAsync()
}

/** At any address that lets it in. */
async function born(name: string, first: number, surroundings: FormSurroundings): Promise<MqttClient> {
  const { reach, prefix, clock, signal, settleMsMax } = surroundings
  const lateMs = clock.monotonicMs() + settleMsMax
  for (let attempt = first; ; attempt++) {
    const address = reach.addresses[attempt % reach.addresses.length]
    try {
      const client = await connectAsync(
        address?.href ?? '',
        {
          ...login(reach),
          clientId: `${prefix}-${name.replaceAll(' ', '-')}`,
          protocolVersion: 5,
          reconnectPeriod: 0,
          keepalive: reach.patienceSeconds,
          connectTimeout: reach.patienceSeconds * 1000,
          will: {
            topic: `${prefix}/will/${name.replaceAll(' ', '-')}`,
            payload: Buffer.from(name),
            qos: 2,
            retain: false,
          },
        },
        false,
      )
      client.on('error', () => undefined)
      return client
    } catch (error) {
      if (clock.monotonicMs() > lateMs) throw error
      await sleep(clock, retryMs, signal)
    }
  }
}
