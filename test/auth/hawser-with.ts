/** A `hawser broker` with a configuration and files of the test's own. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { temporaryFolder } from '@hawser/std/testing'
import { type RunningHawser, startHawser } from '../../packages/cli/src/testing/running-hawser.ts'

export interface ConfiguredHawser extends AsyncDisposable {
  readonly port: number
  readonly webSocketPort: number
  /** Of a listener for TLS, where the configuration has one; else 0. */
  readonly tlsPort: number
  readonly folder: string
  readonly hawser: RunningHawser
}

const ready = /ready: (?=[^\n]*\bmqtt:\/\/[^:]+:(\d+))(?=[^\n]*\bws:\/\/[^:]+:(\d+))(?:[^\n]*\bmqtts:\/\/[^:]+:(\d+))?/

/** `files` by their name beside `hawser.yaml`, which is one of them. */
export async function hawserWith(
  files: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<ConfiguredHawser> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await temporaryFolder())
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder.path, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
  const config = join(folder.path, 'hawser.yaml')
  const own = ['--port', '0', '--ws-port', '0', '--durability', 'memory', '--data-dir', join(folder.path, 'data')]
  const hawser = stack.use(startHawser(['broker', '--config', config, ...own, ...args], env))
  const [, port, webSocketPort, tlsPort = '0'] = await hawser.prints(ready)
  const owned = stack.move()
  return {
    port: Number(port),
    webSocketPort: Number(webSocketPort),
    tlsPort: Number(tlsPort),
    folder: folder.path,
    hawser,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
