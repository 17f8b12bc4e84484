/** A `hawser broker` or `hawser node` as a user runs it: a process of its own, on free ports, with a test's data folder. */
import { readFileSync } from 'node:fs'
import { type Ended, startHawser as startProcess } from '../../packages/cli/src/testing/running-hawser.ts'

export interface HawserProcess extends AsyncDisposable {
  readonly pid: number
  readonly port: number
  readonly webSocketPort: number
  /** Undefined unless it is watched. */
  readonly httpPort: number | undefined
  /** What commands that ask it are told; undefined unless it is watched. */
  readonly adminFlags: readonly string[] | undefined
  /** Ends it with a signal and resolves with how it ended. */
  end(signal: NodeJS.Signals): Promise<Ended>
  /** Resolves with the match in what it has printed. */
  prints(pattern: RegExp): Promise<RegExpExecArray>
}

export interface HawserProcessOptions {
  readonly dataDir: string
  /** 0: any. A broker that comes back needs the port that its clients know. */
  readonly port?: number
  readonly webSocketPort?: number
  readonly command?: 'broker' | 'node'
  /** Serves its metrics. */
  readonly watched?: boolean
  readonly further?: readonly string[]
}

export async function startHawser(options: HawserProcessOptions): Promise<HawserProcess> {
  const { dataDir, port = 0, webSocketPort = 0, command = 'broker', watched = false, further = [] } = options
  const ports = ['--port', `${port}`, '--ws-port', `${webSocketPort}`, ...(watched ? ['--http-port', '0'] : [])]
  const hawser = startProcess([command, ...ports, '--data-dir', dataDir, ...further])
  const [, mqttPort, wsPort, httpPort] = await hawser.prints(
    /ready: mqtt:\/\/[^:]+:(\d+) ws:\/\/[^:]+:(\d+)(?: http:\/\/[^:]+:(\d+))?/,
  )
  return {
    pid: hawser.pid,
    port: Number(mqttPort),
    webSocketPort: Number(wsPort),
    httpPort: httpPort === undefined ? undefined : Number(httpPort),
    adminFlags: httpPort === undefined ? undefined : ['--http-port', httpPort, '--data-dir', dataDir],
    prints: hawser.prints,
    end(signal) {
      hawser.kill(signal)
      return hawser.ended
    },
    [Symbol.asyncDispose]: () => hawser[Symbol.asyncDispose](),
  }
}

/** Of a process's children, in the order of their birth. */
export const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
