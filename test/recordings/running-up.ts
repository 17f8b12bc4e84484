/** A `hawser up` as a user runs it, whose parts can be killed: on ports of the system's choice that it keeps. */
import { AdminClient, api, type Snapshot } from '@hawser/admin'
import { HawserError, milliseconds, sleep, systemClock } from '@hawser/std'
import { type RunningHawser, startHawser } from '../../packages/cli/src/testing/running-hawser.ts'

export interface UpOptions {
  readonly dataDir: string
  readonly config?: string | undefined
  readonly env?: Readonly<Record<string, string>>
}

/** The figures of the snapshot are asked for again after so long. */
const pollMs = milliseconds(50)

export class RunningUp implements AsyncDisposable {
  readonly mqttPort: number
  readonly #options: UpOptions
  readonly #flags: readonly string[]
  readonly #console: AdminClient
  #up: RunningHawser
  #killedCore: number | undefined

  static async start(options: UpOptions): Promise<RunningUp> {
    const up = launch(options, ['--mqtt-port', '0', '--ws-port', '0', '--http-port', '0'])
    try {
      const [, mqtt, ws, http] = await up.prints(/MQTT .*?:(\d+)[\s\S]*WebSocket .*?:(\d+)[\s\S]*Console .*?:(\d+) /)
      return new RunningUp(options, up, { mqtt: Number(mqtt), ws: Number(ws), http: Number(http) })
    } catch (error) {
      await up[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor(options: UpOptions, up: RunningHawser, ports: Readonly<Record<'mqtt' | 'ws' | 'http', number>>) {
    this.#options = options
    this.#up = up
    this.mqttPort = ports.mqtt
    this.#flags = ['--mqtt-port', `${ports.mqtt}`, '--ws-port', `${ports.ws}`, '--http-port', `${ports.http}`]
    this.#console = new AdminClient({ baseUrl: `http://127.0.0.1:${ports.http}` })
  }

  /** SIGKILL of the process that owns log, broker and connectors; its supervisor starts it again. */
  async killCore(): Promise<void> {
    process.kill(await this.#corePid(), 'SIGKILL')
  }

  /** SIGKILL of all of it at once, and a second start. */
  async killAll(): Promise<void> {
    const core = await this.#corePid()
    process.kill(core, 'SIGKILL')
    this.#up.kill('SIGKILL')
    await this.#up.ended
    this.#up = launch(this.#options, this.#flags)
    await this.#up.prints(/is up\./)
  }

  /** Resolves once every connector has written all that is in the log. */
  async caughtUp(): Promise<void> {
    await this.#snapshotWhere(({ connectors }) =>
      connectors.every(({ state, lag }) => state === 'running' && lag.messages === 0),
    )
  }

  /** Resolves once a connector has so many rows in its sink since its start. */
  async wrote(connector: string, rows: number): Promise<void> {
    await this.#snapshotWhere(({ connectors }) =>
      connectors.some(({ name, written }) => name === connector && written >= rows),
    )
  }

  /** As Ctrl-C does. Resolves with the exit code. */
  async stop(): Promise<number | null> {
    this.#up.kill('SIGTERM')
    return (await this.#up.ended).code
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#up[Symbol.asyncDispose]()
  }

  /** Of a core that was not killed yet: after a kill, of the next one. */
  async #corePid(): Promise<number> {
    const pidOf = ({ parts }: Snapshot): number | undefined =>
      parts.find(({ name }) => name === 'core')?.pid ?? undefined
    const snapshot = await this.#snapshotWhere((candidate) => {
      const pid = pidOf(candidate)
      return pid !== undefined && pid !== this.#killedCore
    })
    const pid = pidOf(snapshot)
    if (pid === undefined) throw new Error('a core without a pid')
    this.#killedCore = pid
    return pid
  }

  async #snapshotWhere(holds: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
    for (;;) {
      const snapshot = await this.#snapshot()
      if (snapshot !== undefined && holds(snapshot)) return snapshot
      await sleep(systemClock, pollMs)
    }
  }

  /** Undefined while nobody answers: between a kill and the next start. */
  async #snapshot(): Promise<Snapshot | undefined> {
    try {
      return await this.#console.call(api.snapshot)
    } catch (error) {
      if (error instanceof HawserError && error.code === 'BROKER_UNREACHABLE') return undefined
      throw error
    }
  }
}

function launch({ dataDir, config, env = {} }: UpOptions, ports: readonly string[]): RunningHawser {
  const file = config === undefined ? [] : ['--config', config]
  return startHawser(['up', '--scenario', 'none', '--data-dir', dataDir, ...file, ...ports], env)
}
