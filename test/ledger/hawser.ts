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
  #wasKilled = false
  #isOver = false
  #failure: string | undefined

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
    this.#running = this.#launch()
  }

  get pid(): number {
    return this.#running.pid
  }

  /** All its processes at once, or the one that does the work, which its parent starts again. It comes back by itself. */
  kill(which: 'all' | 'worker'): void {
    this.#wasKilled = true
    const processes = treeOf(this.pid)
    for (const pid of which === 'all' ? processes : processes.slice(-1)) killIfThere(pid)
  }

  /** Resolves once it has a connector of this kind for which `wanted` is true. */
  async until(kind: string, wanted: (connector: ConnectorSnapshot) => boolean): Promise<ConnectorSnapshot> {
    for (;;) {
      const found = (await this.#connectors()).find((connector) => connector.kind === kind)
      if (found !== undefined && wanted(found)) return found
      if (this.#failure !== undefined) throw new Error(`Hawser has ended: ${this.#failure}`)
      await sleep(systemClock, askEveryMs)
    }
  }

  async end(): Promise<void> {
    this.#isOver = true
    this.#running.kill('SIGTERM')
    await this.#running.ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    await this.#running[Symbol.asyncDispose]()
  }

  /** As an init system does: it is started again, also where it has ended because its worker was killed too early. */
  #launch(): RunningHawser {
    const running = startHawser(this.#argv)
    void running.ended.then(({ stderr }) => {
      if (this.#isOver) return
      if (this.#wasKilled) this.#running = this.#launch()
      else this.#failure = stderr
    })
    return running
  }

  async #connectors(): Promise<readonly ConnectorSnapshot[]> {
    const answer = await fetch(`${this.#url}/api/v1/snapshot`).catch(() => undefined)
    if (answer === undefined || !answer.ok) return []
    const { connectors } = (await answer.json()) as Snapshot
    return connectors
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
