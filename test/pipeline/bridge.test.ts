/** A Hawser that is killed on the way to a Mosquitto that asks for a password: nothing is lost, and nobody sees it. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { connectAsync } from 'mqtt'
import { type RunningHawser, runHawserProcess, startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { type Collector, collect } from '../../packages/connect/src/mqtt/testing/mqtt-under-test.ts'
import { skipWithoutMosquitto, startLastingMosquitto } from '../servers/mosquitto.ts'

const secret = 'nobody-may-read-this-1f0c'

const configuration = (url: string, password: string): string => `
scenarios: []
connectors:
  - kind: mqtt
    name: headquarters
    url: ${url}
    filters: [plant/#]
    local_prefix: plant/
    remote_prefix: sites/7/
    username: site
    password: { ${password} }
`

async function publish(hawser: RunningHawser, from: number, until: number): Promise<void> {
  const [, port = ''] = await hawser.prints(/npx hawser pub -p (\d+)/)
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 })
  client.on('error', () => undefined)
  const numbers = Array.from({ length: until - from }, (_, index) => from + index)
  await Promise.all(numbers.map((number) => client.publishAsync('plant/a', `${number}`, { qos: 1 })))
  await client.endAsync(true)
}

/** In the order in which they first came. */
async function numbersOf(collector: Collector, count: number): Promise<readonly number[]> {
  for (;;) {
    const arrived = (await collector.arrived()).filter(({ topic }) => topic === 'sites/7/a')
    const numbers = [...new Set(arrived.map(({ payload }) => Number(payload)))]
    if (numbers.length >= count) return numbers
  }
}

describe('a bridge, end to end', { skip: skipWithoutMosquitto, timeout: 120_000 }, () => {
  it('brings what was acknowledged before a SIGKILL, and shows its password nowhere', async () => {
    await using folder = await temporaryFolder()
    const inFolder = (name: string): string => join(folder.path, name)
    const made = spawnSync('mosquitto_passwd', ['-b', '-c', inFolder('users'), 'site', secret])
    assert.equal(made.status, 0, `${made.stderr}`)
    await using server = await startLastingMosquitto(['allow_anonymous false', `password_file ${inFolder('users')}`])
    await server.allow('pattern readwrite #\n')
    await server.stop('SIGTERM')
    await server.start()
    await using collector = await collect(server.url.replace('//', `//site:${secret}@`))
    await writeFile(inFolder('secret'), `${secret}\n`)

    const dataDir = inFolder('data')
    const run = async (password: string): Promise<RunningHawser> => {
      await writeFile(inFolder('hawser.yaml'), configuration(server.url, password))
      const ports = ['--mqtt-port', '0', '--ws-port', '0', '--http-port', '0']
      const argv = ['up', ...ports, '--config', inFolder('hawser.yaml'), '--data-dir', dataDir]
      return startHawser(argv, { BRIDGE_PASSWORD: secret })
    }
    let printed = ''
    {
      await using hawser = await run(`file: ${inFolder('secret')}`)
      await publish(hawser, 0, 500)
      hawser.kill('SIGKILL')
      const { stdout, stderr } = await hawser.ended
      printed += stdout + stderr
    }
    await using hawser = await run('env: BRIDGE_PASSWORD')
    await publish(hawser, 500, 600)
    assert.deepEqual(
      await numbersOf(collector, 600),
      Array.from({ length: 600 }, (_, number) => number),
    )

    const [, httpPort = ''] = await hawser.prints(/http:\/\/[\d.]+:(\d+)/)
    const where = ['--http-port', httpPort, '--data-dir', dataDir]
    const shown = await runHawserProcess(['connector', 'show', 'headquarters', '--json', ...where])
    assert.match(shown.stdout, /"kind": ?"mqtt"/)
    const metrics = await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text()
    assert.match(metrics, /hawser_connector_/)
    const processes = `${spawnSync('ps', ['axww', '-o', 'args']).stdout}`
    assert.match(processes, /hawser\.yaml/)
    hawser.kill('SIGTERM')
    const { stdout, stderr } = await hawser.ended
    printed += stdout + stderr
    for (const text of [shown.stdout, metrics, processes, printed]) assert.ok(!text.includes(secret))
  })
})
