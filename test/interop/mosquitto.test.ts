/** Mosquitto's own clients against Hawser: nothing of ours is on their side. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { type HawserProcess, startHawser } from '../support/hawser-process.ts'
import { missing, type Running, start } from '../support/programs.ts'

const skip = missing('mosquitto_sub', 'apt-get install mosquitto-clients')
const versions = ['mqttv31', 'mqttv311', 'mqttv5']

describe('mosquitto_pub and mosquitto_sub', { skip }, () => {
  let hawser: HawserProcess
  const resources = new AsyncDisposableStack()

  before(async () => {
    const folder = resources.use(await temporaryFolder())
    hawser = resources.use(await startHawser({ dataDir: `${folder.path}/data` }))
  })
  after(() => resources.disposeAsync())

  // Its output is buffered by block where it is no terminal: then nobody would see that it has subscribed.
  const sub = (...args: string[]): Running =>
    start('stdbuf', ['-oL', 'mosquitto_sub', '-p', `${hawser.port}`, '-W', '20', '-d', ...args])
  const pub = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await start('mosquitto_pub', ['-p', `${hawser.port}`, ...args]).finished
    assert.equal(code, 0, stderr)
  }
  const messages = (stdout: string): string[] =>
    stdout
      .split('\n')
      .filter((line) => line.startsWith('> '))
      .map((line) => line.slice(2))
  const format = ['-F', '> %t %q %r %p']

  for (const version of versions) {
    for (const qos of ['0', '1', '2']) {
      it(`${version}: 100 messages at QoS ${qos} arrive in order`, async () => {
        const topic = `order/${version}/${qos}`
        const subscriber = sub('-V', version, '-t', topic, '-q', qos, '-C', '100', ...format)
        await subscriber.printed('Subscribed')
        const lines = Array.from({ length: 100 }, (_, index) => `${index}`)
        const args = ['-p', `${hawser.port}`, '-V', version, '-t', topic, '-q', qos, '-l']
        const { code } = await start('mosquitto_pub', args, lines.map((line) => `${line}\n`).join('')).finished
        assert.equal(code, 0)
        const { stdout } = await subscriber.finished
        assert.deepEqual(
          messages(stdout),
          lines.map((line) => `${topic} ${qos} 0 ${line}`),
        )
      })
    }

    it(`${version}: a retained message reaches who comes later, until it is cleared`, async () => {
      const topic = `retained/${version}`
      await pub('-V', version, '-t', topic, '-m', 'kept', '-r', '-q', '1')
      const first = await sub('-V', version, '-t', topic, '-C', '1', ...format).finished
      assert.deepEqual(messages(first.stdout), [`${topic} 0 1 kept`])
      await pub('-V', version, '-t', topic, '-n', '-r', '-q', '1')
      const later = sub('-V', version, '-t', topic, '-C', '1', ...format)
      await later.printed('Subscribed')
      await pub('-V', version, '-t', topic, '-m', 'live')
      assert.deepEqual(messages((await later.finished).stdout), [`${topic} 0 0 live`])
    })

    it(`${version}: a will is published when its client is killed`, async () => {
      const topic = `will/${version}`
      const watcher = sub('-V', version, '-t', topic, '-C', '1', ...format)
      await watcher.printed('Subscribed')
      const dying = sub('-V', version, '-t', 'none', '--will-topic', topic, '--will-payload', 'dead', '--will-qos', '1')
      await dying.printed('Subscribed')
      dying.kill('SIGKILL')
      assert.deepEqual(messages((await watcher.finished).stdout), [`${topic} 0 0 dead`])
    })

    it(`${version}: a session is resumed with what it missed`, async () => {
      const topic = `resumed/${version}`
      const session = ['-V', version, '-i', `resumer-${version}`, '-c', '-q', '2', '-t', topic]
      if (version === 'mqttv5') session.push('-x', '600')
      const first = sub(...session, '-E')
      assert.equal((await first.finished).code, 0)
      for (const payload of ['one', 'two', 'three']) await pub('-V', version, '-t', topic, '-m', payload, '-q', '2')
      const { stdout } = await sub(...session, '-C', '3', ...format).finished
      assert.deepEqual(
        messages(stdout),
        ['one', 'two', 'three'].map((payload) => `${topic} 2 0 ${payload}`),
      )
    })
  }

  it('reads the $SYS tree', async () => {
    const { stdout } = await sub('-t', '$SYS/broker/version', '-C', '1', ...format).finished
    assert.match(stdout, /> \$SYS\/broker\/version 0 1 hawser/)
  })
})
