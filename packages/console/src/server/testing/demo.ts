/** `node packages/console/src/server/testing/demo.ts [PORT]`: the console over made-up figures, to look at its page. */
import { systemClock } from '@hawser/std'
import { startConsole } from '../console.ts'
import { ensureWebBuilt } from '../ensure-web-built.ts'
import { DemoSource } from './demo-source.ts'

const { url } = await startConsole({
  source: new DemoSource({ clock: systemClock, pastSeconds: 3_600 }),
  host: '127.0.0.1',
  port: Number(process.argv[2] ?? 18_080),
  token: 'demo',
  webRoot: ensureWebBuilt(),
  version: '0.1.0',
  clock: systemClock,
  report: (error) => process.stderr.write(`${error}\n`),
})
process.stdout.write(`made-up figures at ${url} (token: demo); Ctrl-C stops\n`)
