/** A Mosquitto of the test's own: an independent broker on a private port, ended with `await using`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { temporaryFolder } from '@hawser/std/testing'

const binary = '/usr/sbin/mosquitto'

/** For `skip`: why, and how to get it; false where it is there. */
export const skipWithoutMosquitto: string | false = existsSync(binary)
  ? false
  : 'no Mosquitto here (Debian: apt-get install mosquitto mosquitto-clients)'

export interface Mosquitto extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** Ends it as given; `start` brings it back on the same port. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  start(): Promise<void>
  /** It reads its ACL file again, a little later. */
  reload(): void
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no TCP port')
  return address.port
}

export async function startMosquitto(settings: readonly string[] = []): Promise<Mosquitto> {
  const folder = await temporaryFolder()
  const port = await freePort()
  const configuration = join(folder.path, 'mosquitto.conf')
  const lines = [`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'user root', 'log_dest stderr', ...settings]
  await writeFile(configuration, `${lines.join('\n')}\npersistence_location ${folder.path}/\n`)
  let child: ReturnType<typeof spawn> | undefined
  const start = async (): Promise<void> => {
    child = spawn(binary, ['-c', configuration, '-v'], { stdio: ['ignore', 'ignore', 'pipe'] })
    if (child.stderr === null) throw new Error('no output of Mosquitto')
    const output = createInterface(child.stderr)
    await new Promise<void>((resolve, reject) => {
      child?.once('exit', (code) => reject(new Error(`Mosquitto ended with ${code}`)))
      // Keeps reading, or a full pipe would stop the broker.
      output.on('line', (line) => line.endsWith('running') && resolve())
    })
  }
  const stop = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
  await start()
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    start,
    stop,
    reload: () => void child?.kill('SIGHUP'),
    [Symbol.asyncDispose]: async () => {
      await stop('SIGKILL')
      await folder[Symbol.asyncDispose]()
    },
  }
}
