/** Mosquitto and Hawser, each run in the foreground on the same configuration file. */
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '@hawser/std/testing'
import { startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { start } from '../support/programs.ts'

export const brokerNames = ['mosquitto', 'hawser'] as const
export type BrokerName = (typeof brokerNames)[number]

export interface RunningBroker {
  stop(): Promise<void>
}

const isRoot = process.getuid?.() === 0

export async function startBroker(name: BrokerName, file: string): Promise<RunningBroker> {
  switch (name) {
    case 'mosquitto': {
      const mosquitto = start('mosquitto', ['-c', file])
      await mosquitto.printed(' running')
      return {
        async stop() {
          mosquitto.kill('SIGTERM')
          await mosquitto.finished
        },
      }
    }
    case 'hawser': {
      const hawser = startHawser(['broker', '--mosquitto-conf', file])
      await hawser.prints(/hawser broker ready/)
      return {
        async stop() {
          hawser.kill('SIGTERM')
          await hawser.ended
        },
      }
    }
    default:
      throw name satisfies never
  }
}

/** A configuration of the repository in a folder of its own, with free ports and that folder's path in its place. */
export interface Placed extends AsyncDisposable {
  readonly folder: string
  readonly file: string
  readonly ports: readonly number[]
}

export async function placeConfiguration(name: string): Promise<Placed> {
  const source = fileURLToPath(new URL(`configurations/${name}`, import.meta.url))
  const resources = new AsyncDisposableStack()
  const { path: folder } = resources.use(await temporaryFolder())
  const ports = [await freePort(), await freePort()]
  const place = (text: string): string =>
    text.replaceAll('@PORT@', `${ports[0]}`).replaceAll('@PORT2@', `${ports[1]}`).replaceAll('@FOLDER@', folder)
  for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const from = join(entry.parentPath, entry.name)
    const to = join(folder, relative(source, from))
    await mkdir(dirname(to), { recursive: true })
    await writeFile(to, place(await readFile(from, 'utf8')), { mode: 0o600 })
  }
  const file = `${folder}/mosquitto.conf`
  // Mosquitto gives up root, and could then not read what this test writes.
  if (isRoot) await writeFile(file, `user root\n${await readFile(file, 'utf8')}`)
  return { folder, file, ports, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
