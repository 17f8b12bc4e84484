/** What a mosquitto.conf says of the process itself, and what SIGHUP takes anew. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { appendFile, chmod, readFile, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { missing } from '../support/programs.ts'
import { type Placed, placeConfiguration } from './broker-process.ts'
import { writePasswords } from './scripts/entry.ts'
import { World } from './world.ts'

const ready = /hawser broker ready/
const start = (placed: Placed) => startHawser(['broker', '--mosquitto-conf', placed.file])

describe('the process of a mosquitto.conf', () => {
  it('has its pid in pid_file while it runs, and its messages where log_dest says', async () => {
    await using placed = await placeConfiguration('persistence')
    await using hawser = start(placed)
    await hawser.prints(ready)
    assert.equal(await readFile(`${placed.folder}/broker.pid`, 'utf8'), `${hawser.pid}`)
    assert.match(await readFile(`${placed.folder}/broker.log`, 'utf8'), /options of .* are not needed here: --check/)
    hawser.kill('SIGTERM')
    assert.equal((await hawser.ended).code, 0)
    assert.equal(existsSync(`${placed.folder}/broker.pid`), false)
  })

  it('ends at once where the file is not one to start on, and says how to see why', async () => {
    await using placed = await placeConfiguration('persistence')
    await appendFile(placed.file, 'psk_file x\nenable_control_api true\n')
    const { code, stderr } = await start(placed).ended
    assert.equal(code, 3)
    assert.match(stderr, /psk_file is refused; .* \(and 1 more: hawser broker --mosquitto-conf .* --check\)/)
  })

  const notRoot = process.getuid?.() === 0 ? false : 'only root can become somebody else'
  it('gives up root for user, and its data folder with it', { skip: notRoot }, async () => {
    await using placed = await placeConfiguration('persistence')
    // A temporary folder is its owner's alone; the log and pid of this one were opened before.
    await chmod(placed.folder, 0o711)
    const text = await readFile(placed.file, 'utf8')
    await writeFile(placed.file, text.replace('user root', 'user nobody'))
    await using hawser = start(placed)
    await hawser.prints(ready)
    const status = await readFile(`/proc/${hawser.pid}/status`, 'utf8')
    const { uid } = statSync(`${placed.folder}/hawser/VERSION`)
    assert.match(status, new RegExp(`^Uid:\\s+${uid}\\s+${uid}\\s`, 'm'))
    assert.notEqual(uid, 0)
    const world = new World('hawser', placed)
    const client = await world.in({ clientId: 'c' })
    assert.equal(await client.publish('kept', 'x', 1, true), 'PUBACK 0x00')
    await client.disconnect()
    hawser.kill('SIGTERM')
    assert.equal((await hawser.ended).code, 0)
  })
})

describe('SIGHUP', { skip: missing('mosquitto_passwd', 'apt-get install mosquitto') }, () => {
  it('takes new users and rights without dropping anybody, and keeps the old ones where the new are bad', async () => {
    await using placed = await placeConfiguration('passwords')
    await writePasswords(placed)
    await using hawser = start(placed)
    await hawser.prints(ready)
    const world = new World('hawser', placed)
    const ann = await world.in({ clientId: 'ann', username: 'ann', password: 'secret-a', version: 5 })
    const carl = { username: 'carl', password: 'secret-c' }
    assert.equal(await world.tcp(carl).connected(), 'CONNACK 0x05')

    spawnSync('mosquitto_passwd', ['-b', `${placed.folder}/passwords`, 'carl', 'secret-c'])
    await writeFile(`${placed.folder}/acl`, 'user ann\ntopic ann/#\n')
    await appendFile(placed.file, `acl_file ${placed.folder}/acl\n`)
    hawser.kill('SIGHUP')
    await hawser.prints(/configuration reloaded: .*mosquitto_access/)
    assert.equal(await world.tcp(carl).connected(), 'CONNACK 0x00')
    assert.equal(await ann.publish('ann/a', 'x', 1), 'PUBACK 0x00')
    assert.equal(await ann.publish('elsewhere', 'x', 1), 'PUBACK 0x87')

    await appendFile(placed.file, 'allow_anonimous true\n')
    hawser.kill('SIGHUP')
    await hawser.prints(/the old configuration stays in force: .*unknown option .*did you mean allow_anonymous/)
    assert.equal(await ann.publish('ann/a', 'x', 1), 'PUBACK 0x00')
    assert.equal(await world.tcp({}).connected(), 'CONNACK 0x05')
  })
})
