/** A real Mosquitto on a port of its own, that keeps what it has while it is stopped. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '../../packages/std/src/testing/mod.ts'
import { missing, type Running, start } from '../support/programs.ts'
import { freePort } from './free-port.ts'

export const mosquittoSkipReason = (): string | false => missing('mosquitto', 'apt-get install mosquitto')

export interface MosquittoServer extends AsyncDisposable {
  readonly port: number
  readonly url: string
  start(): Promise<void>
  /** Without `SIGKILL` it writes down its sessions first. */
  end(signal?: NodeJS.Signals): Promise<void>
  /** Reads these lines of an ACL file, a little later. */
  allow(acl: string): Promise<void>
}

const everything = 'topic readwrite #\n'

export async function startMosquitto(further = ''): Promise<MosquittoServer> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await temporaryFolder())
  const port = await freePort()
  const [file, acl] = [join(folder.path, 'mosquitto.conf'), join(folder.path, 'acl')]
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence true',
    `persistence_location ${folder.path}/`,
    // With 0, which is without bound, 2.0.11 closes the connection of whoever it refuses a message.
    'max_queued_messages 1000000',
    'user root',
    `acl_file ${acl}`,
    further,
  ]
  await writeFile(file, `${lines.join('\n')}\n`)
  await writeFile(acl, everything)
  let running: Running | undefined
  const server: MosquittoServer = {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    async start() {
      running = start('/usr/sbin/mosquitto', ['-c', file, '-v'])
      await running.printed(' running')
    },
    async end(signal = 'SIGTERM') {
      running?.kill(signal)
      await running?.finished
      running = undefined
    },
    async allow(text) {
      await writeFile(acl, text)
      running?.kill('SIGHUP')
    },
    async [Symbol.asyncDispose]() {
      await server.end('SIGKILL')
      await owned.disposeAsync()
    },
  }
  const owned = stack.move()
  await server.start()
  return server
}
