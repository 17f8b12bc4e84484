/** Hawser as a user runs it, with three connectors; it is killed and comes back on the same ports and data folder. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ConnectorSnapshot, Snapshot } from '@hawser/admin'
import { milliseconds, sleep, systemClock } from '@hawser/std'
import { type RunningHawser, startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { freePort } from '../servers/free-port.ts'
import { machineName } from './load.ts'
import { treeOf } from './memory.ts'

export const bridgedMachine = 0
const askEveryMs = milliseconds(50)

export interface HawserOptions {
  readonly folder: string
  /** Of topic, table and connectors: no two runs on the same servers share one. */
  readonly name: string
  readonly brokers: string
  readonly postgresUrl: string
  readonly bridgeUrl: string
}

export const connectorName = (name: string): string => name.replaceAll('_', '-')

const configuration = ({ name, brokers, postgresUrl, bridgeUrl }: HawserOptions): string => `
scenarios: []
log: { durability: disk }
connectors:
  - kind: kafka
    name: kafka
    filters: [ledger/+/telemetry]
    brokers: ["${brokers}"]
    topic: ${name}
    key: \${payload.machine}
  - kind: postgres
    name: ${connectorName(name)}
    filters: [ledger/+/telemetry]
    url: ${postgresUrl}
    table:
      name: ${name}
      columns:
        - { name: machine, type: text, path: machine }
        - { name: n, type: bigint, path: n }
  - kind: mqtt
    name: bridge
    filters: [ledger/${machineName(bridgedMachine)}/telemetry]
    url: ${bridgeUrl}
    local_prefix: ledger/
    remote_prefix: ${name}/
`

export class LedgerHawser implements AsyncDisposable {
  readonly port: number
  readonly #argv: readonly string[]
  readonly #url: string
  #running: RunningHawser

  static async start(options: HawserOptions): Promise<LedgerHawser> {
    const file = join(options.folder, 'hawser.yaml')
    await writeFile(file, configuration(options))
    const [port, wsPort, httpPort] = [await freePort(), await freePort(), await freePort()]
    const ports = ['--mqtt-port', `${port}`, '--ws-port', `${wsPort}`, '--http-port', `${httpPort}`]
    const argv = ['up', ...ports, '--config', file, '--data-dir', join(options.folder, 'data')]
    return new LedgerHawser(argv, port, `http://127.0.0.1:${httpPort}`)
  }

  private constructor(argv: readonly string[], port: number, url: string) {
    this.port = port
    this.#argv = argv
    this.#url = url
    this.#running = startHawser(argv)
  }

  get pid(): number {
    return this.#running.pid
  }

  /** All its processes at once, or the one that does the work, which its parent starts again. */
  async kill(which: 'all' | 'worker'): Promise<void> {
    const [launcher = 0, ...others] = treeOf(this.pid)
    const worker = others.at(-1)
    for (const pid of which === 'all' ? [launcher, ...others] : [worker ?? launcher]) process.kill(pid, 'SIGKILL')
    if (which === 'worker' && worker !== undefined) return
    await this.#running.ended
    this.#running = startHawser(this.#argv)
  }

  /** Resolves once it has a connector of this kind for which `wanted` is true. */
  async until(kind: string, wanted: (connector: ConnectorSnapshot) => boolean): Promise<ConnectorSnapshot> {
    for (;;) {
      const found = (await this.#connectors()).find((connector) => connector.kind === kind)
      if (found !== undefined && wanted(found)) return found
      const ended = await Promise.race([sleep(systemClock, askEveryMs), this.#running.ended])
      if (ended !== undefined && ended.signal !== 'SIGKILL') throw new Error(`Hawser has ended: ${ended.stderr}`)
    }
  }

  async end(): Promise<void> {
    this.#running.kill('SIGTERM')
    await this.#running.ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running[Symbol.asyncDispose]()
  }

  async #connectors(): Promise<readonly ConnectorSnapshot[]> {
    const answer = await fetch(`${this.#url}/api/v1/snapshot`).catch(() => undefined)
    if (answer === undefined || !answer.ok) return []
    const { connectors } = (await answer.json()) as Snapshot
    return connectors
  }
}
