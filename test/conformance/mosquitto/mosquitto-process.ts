/** A Mosquitto of the system's, on free ports, open to everybody on this machine. */

import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import net from 'node:net'
import { join } from 'node:path'
import { temporaryFolder } from '@hawser/std/testing'
import { start } from '../../support/programs.ts'

export interface MosquittoProcess extends AsyncDisposable {
  readonly target: string
  readonly webSocketTarget: string
}

/** What a case may ask of a broker, as far as Mosquitto has it. */
const configuration = (port: number, webSocketPort: number): string => `
listener ${port} 127.0.0.1
listener ${webSocketPort} 127.0.0.1
protocol websockets
allow_anonymous true
persistence false
log_type all
max_packet_size 1048576
max_queued_messages 0
`

export async function startMosquitto(): Promise<MosquittoProcess> {
  const resources = new AsyncDisposableStack()
  const { path } = resources.use(await temporaryFolder())
  const [port, webSocketPort] = [await freePort(), await freePort()]
  const file = join(path, 'mosquitto.conf')
  await writeFile(file, configuration(port, webSocketPort))
  const mosquitto = start(process.env['HAWSER_MOSQUITTO'] ?? 'mosquitto', ['-c', file])
  resources.defer(async () => {
    mosquitto.kill('SIGTERM')
    await mosquitto.finished
  })
  await mosquitto.printed(' running')
  return {
    target: `127.0.0.1:${port}`,
    webSocketTarget: `127.0.0.1:${webSocketPort}`,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
