/** `hawser broker` promises a resident size: what is large and rare may not come into its process. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { startHawser } from '../src/testing/running-hawser.ts'

const tellImports = new URL('../src/testing/tell-imports.ts', import.meta.url)
const large = /node_modules\/(zod|yaml|ws)\/|packages\/(admin|console|connect|auth)\/|node:(http|https|tls)$/

async function importsOf(args: readonly string[]): Promise<{ own: string[]; others: string[] }> {
  await using folder = await temporaryFolder()
  const anyPorts = ['--port', '0', '--ws-port', '0', '--data-dir', folder.path]
  const given = args.length === 0 ? [] : ['--config', join(folder.path, 'hawser.yaml')]
  if (args.length > 0) await writeFile(join(folder.path, 'hawser.yaml'), args.join('\n'))
  const env = { NODE_OPTIONS: `--import ${tellImports.href}` }
  await using broker = startHawser(['broker', ...anyPorts, ...given], env)
  await broker.prints(/ready/)
  broker.kill('SIGTERM')
  const { stderr } = await broker.ended
  const imports = [...stderr.matchAll(/^(\d+) imports (.*)$/gm)]
  const of = (isOwn: boolean): string[] =>
    imports.flatMap(([, pid, url]) => ((Number(pid) === broker.pid) === isOwn && url !== undefined ? [url] : []))
  return { own: of(true), others: of(false) }
}

describe('what a broker process imports', () => {
  it('nothing large at a plain start', async () => {
    const { own } = await importsOf([])
    assert.ok(own.length > 100)
    assert.deepEqual(
      own.filter((url) => large.test(url)),
      [],
    )
  })

  it('nothing larger with a configuration file, which another process checks', async () => {
    const { own, others } = await importsOf(['limits:', '  topic_levels_max: 60'])
    assert.deepEqual(
      own.filter((url) => large.test(url)),
      [],
    )
    assert.ok(others.some((url) => url.includes('node_modules/zod/')))
  })
})
