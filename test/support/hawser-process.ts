/** A `hawser broker` as a user runs it: a process of its own, on free ports, with a data folder of the test's. */
import { type Ended, startHawser as startProcess } from '../../packages/cli/src/testing/running-hawser.ts'

export interface HawserProcess extends AsyncDisposable {
  readonly port: number
  readonly webSocketPort: number
  /** Ends it with a signal and resolves with how it ended. */
  end(signal: NodeJS.Signals): Promise<Ended>
}

export interface HawserProcessOptions {
  readonly dataDir: string
  /** 0: any. A broker that comes back needs the port that its clients know. */
  readonly port?: number
  readonly webSocketPort?: number
}

export async function startHawser(options: HawserProcessOptions): Promise<HawserProcess> {
  const { dataDir, port = 0, webSocketPort = 0 } = options
  const ports = ['--port', `${port}`, '--ws-port', `${webSocketPort}`]
  const hawser = startProcess(['broker', ...ports, '--data-dir', dataDir])
  const [, mqttPort, wsPort] = await hawser.prints(/ready: mqtt:\/\/[^:]+:(\d+) ws:\/\/[^:]+:(\d+)/)
  return {
    port: Number(mqttPort),
    webSocketPort: Number(wsPort),
    end(signal) {
      hawser.kill(signal)
      return hawser.ended
    },
    [Symbol.asyncDispose]: () => hawser[Symbol.asyncDispose](),
  }
}
