/** `hawser broker --workers 2`, and what can be seen and done of its processes from outside. */
import { milliseconds, sleep, systemClock } from '@hawser/std'
import mqtt, { type MqttClient } from 'mqtt'
import { type RunningHawser, startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { childrenOf } from '../support/hawser-process.ts'

export interface TwoWorkers extends AsyncDisposable {
  readonly hawser: RunningHawser
  readonly port: number
  readonly http: string
  /** Pids of those that live now. */
  workers(): readonly number[]
  /** That many clients, which come back by themselves; the system spreads them. */
  connect(count: number): Promise<readonly MqttClient[]>
}

const ready =
  /^hawser broker ready: mqtt:\/\/localhost:(\d+) ws:\/\/localhost:\d+ (?:\S+ )*(http:\/\/\S+) durability=disk workers=2$/m

export async function twoWorkers(dataDir: string, further: readonly string[] = []): Promise<TwoWorkers> {
  const ports = ['--port', '0', '--ws-port', '0', '--http-port', '0']
  const hawser = startHawser(['broker', ...ports, '--workers', '2', '--data-dir', dataDir, ...further])
  const [, port, http = ''] = await hawser.prints(ready)
  const clients: MqttClient[] = []
  return {
    hawser,
    port: Number(port),
    http,
    workers: () => childrenOf(hawser.pid),
    async connect(count) {
      const connecting = Array.from({ length: count }, () =>
        whenConnected(mqtt.connect(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 50 })),
      )
      const connected = await Promise.all(connecting)
      clients.push(...connected)
      return connected
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.endAsync(true)
      await hawser[Symbol.asyncDispose]()
    },
  }
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Only for what another process does and nobody tells; past the limit it throws. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, msMax = 60_000): Promise<void> {
  const endMs = systemClock.monotonicMs() + msMax
  while (!(await holds())) {
    if (systemClock.monotonicMs() > endMs) throw new Error(`not within ${msMax} ms: ${what}`)
    await sleep(systemClock, milliseconds(20))
  }
}

/** It may be refused where a process was just killed: then it tries again. */
function whenConnected(client: MqttClient): Promise<MqttClient> {
  client.on('error', () => undefined)
  return new Promise((resolve) => client.once('connect', () => resolve(client)))
}
