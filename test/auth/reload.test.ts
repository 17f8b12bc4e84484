import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { hashPassword } from '@hawser/auth'
import { systemRandom } from '@hawser/std'
import { answerTo, codeOf, puback } from './answer.ts'
import { hawserWith } from './hawser-with.ts'

const configuration = (topic: string): string =>
  `auth:\n  password: { file: passwords }\nacl:\n  rules:\n    - { allow: [all], topics: ['${topic}'] }\n`

describe('SIGHUP', async () => {
  const ann = `ann:${await hashPassword('secret of ann', systemRandom)}\n`
  const bob = `bob:${await hashPassword('secret of bob', systemRandom)}\n`

  it('reads passwords and rules again for live clients; a bad file is told by its line and changes nothing', async () => {
    await using broker = await hawserWith({ 'hawser.yaml': configuration('one/#'), passwords: ann + bob })
    const { hawser, folder } = broker
    const url = `mqtt://127.0.0.1:${broker.port}`
    const as = (user: string) => ({ protocolVersion: 5, username: user, password: `secret of ${user}` }) as const
    const [annes, bobs] = await Promise.all([answerTo(url, as('ann')), answerTo(url, as('bob'))])
    assert.ok(annes.client && bobs.client)
    assert.equal(await puback(bobs.client, 'one/x'), 0)

    await writeFile(join(folder, 'passwords'), `${bob}ann\n`)
    hawser.kill('SIGHUP')
    await hawser.prints(/passwords:2: it is no user:hash/)
    assert.equal(await codeOf(url, as('ann')), 0)

    const farewell = new Promise<number | undefined>((resolve) =>
      annes.client?.once('disconnect', ({ reasonCode }) => resolve(reasonCode)),
    )
    await writeFile(join(folder, 'passwords'), bob)
    await writeFile(join(folder, 'hawser.yaml'), configuration('two/#'))
    hawser.kill('SIGHUP')
    assert.equal(await farewell, 0x87)
    assert.equal(await codeOf(url, as('ann')), 0x86)
    assert.equal(await puback(bobs.client, 'one/x'), 0x87)
    assert.equal(await puback(bobs.client, 'two/x'), 0)
    bobs.client.end(true)
    annes.client.end(true)
  })
})
