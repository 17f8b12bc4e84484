import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { hashPassword } from '@hawser/auth'
import { systemRandom } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { answerTo, codeOf } from './answer.ts'

const configuration = `auth:
  password: { file: passwords }
  client_id: { equals: username }
acl:
  rules:
    - allow: [read]
      topics: ['#']
connectors: []
`

describe('hawser up where everybody has to log in', { timeout: 120_000 }, () => {
  it('logs its devices in, counts refusals, and tells no secret', async () => {
    await using folder = await temporaryFolder()
    const config = join(folder.path, 'hawser.yaml')
    await writeFile(config, configuration)
    await writeFile(join(folder.path, 'passwords'), `ann:${await hashPassword('secret of ann', systemRandom)}\n`)
    const ports = ['--mqtt-port', '0', '--ws-port', '0', '--http-port', '0']
    const args = ['up', '--config', config, ...ports, '--scenario', 'sensors', '--data-dir', join(folder.path, 'data')]
    await using hawser = startHawser(args)
    const [console] = await hawser.prints(/http:\/\/[\d.]+:\d+/)
    const [, port] = await hawser.prints(/npx hawser pub -p (\d+) -u USER -P PASSWORD -t/)
    const url = `mqtt://127.0.0.1:${port}`
    const ann = { protocolVersion: 5, clientId: 'ann', username: 'ann' } as const
    const { client } = await answerTo(url, { ...ann, password: 'secret of ann' })
    assert.ok(client)
    const message = new Promise((resolve) => client.once('message', resolve))
    await client.subscribeAsync('#')
    await message
    assert.equal(await codeOf(url, { ...ann, password: 'wrong' }), 0x86)
    assert.equal(await codeOf(url, { ...ann, username: 'hawser-up', password: 'wrong' }), 0x86)
    const metrics = await (await fetch(`${console}/metrics`)).text()
    assert.match(metrics, /hawser_broker_authentications_total\{result="bad-credentials"\} 2/)
    client.end(true)
    hawser.kill('SIGTERM')
    const { stdout, stderr } = await hawser.ended
    for (const secret of ['secret of ann', 'hawser-up:']) assert.equal(`${stdout}${stderr}`.includes(secret), false)
  })
})
