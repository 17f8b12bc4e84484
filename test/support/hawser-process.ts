/** A `hawser broker` as a user runs it: a process of its own, on free ports, with a data folder of the test's. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const launcher = fileURLToPath(new URL('../../packages/cli/bin/hawser.mjs', import.meta.url))

export interface HawserProcess extends AsyncDisposable {
  readonly port: number
  readonly webSocketPort: number
  readonly pid: number
  /** Ends it with a signal and resolves with how it ended. */
  end(signal: NodeJS.Signals): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
}

export interface HawserProcessOptions {
  readonly dataDir: string
  /** 0: any. A broker that comes back needs the port that its clients know. */
  readonly port?: number
  readonly webSocketPort?: number
}

export async function startHawser(options: HawserProcessOptions): Promise<HawserProcess> {
  const { dataDir, port = 0, webSocketPort = 0 } = options
  const flags = ['--port', `${port}`, '--ws-port', `${webSocketPort}`, '--data-dir', dataDir]
  const child = spawn(process.execPath, [launcher, 'broker', ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ready = await readyLine(child)
  const ports = /mqtt:\/\/[^:]+:(\d+) ws:\/\/[^:]+:(\d+)/.exec(ready)
  if (ports === null) throw new Error(`no ports in: ${ready}`)
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    const [code, endedBy] = await exited
    return { code, signal: endedBy }
  }
  return {
    port: Number(ports[1]),
    webSocketPort: Number(ports[2]),
    pid: child.pid ?? 0,
    end,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await end('SIGKILL')
    },
  }
}

/** The first line on standard output; what went to standard error where there is none. */
async function readyLine(child: ChildProcess): Promise<string> {
  const { stdout, stderr } = child
  if (stdout === null || stderr === null) throw new Error('the streams of the child are not piped')
  let complaint = ''
  stderr.on('data', (bytes: Buffer) => {
    complaint += bytes.toString()
  })
  for await (const line of createInterface({ input: stdout })) {
    if (line.includes('ready')) return line
  }
  throw new Error(`hawser broker ended before it was ready: ${complaint}`)
}
