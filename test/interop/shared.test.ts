/** Shared subscriptions with clients that are not ours: `mosquitto_sub` and npm's `mqtt`, in both versions. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { type HawserProcess, startHawser } from '../support/hawser-process.ts'
import { missing, start } from '../support/programs.ts'

const sent = Array.from({ length: 100 }, (_, index) => `${index}`)
const inOrder = (payloads: readonly string[]): string[] => payloads.toSorted((a, b) => Number(a) - Number(b))

describe('shared subscriptions of independent clients', () => {
  let hawser: HawserProcess
  const resources = new AsyncDisposableStack()

  before(async () => {
    const folder = resources.use(await temporaryFolder())
    hawser = resources.use(await startHawser({ dataDir: `${folder.path}/data` }))
  })
  after(() => resources.disposeAsync())

  const connect = async (options: IClientOptions): Promise<MqttClient> => {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${hawser.port}`, { reconnectPeriod: 0, ...options })
    resources.defer(async () => client.endAsync(true))
    return client
  }

  for (const version of ['mqttv311', 'mqttv5']) {
    for (const qos of ['0', '1', '2']) {
      const skip = missing('mosquitto_sub', 'apt-get install mosquitto-clients')
      it(`mosquitto_sub, ${version}: two share 100 messages at QoS ${qos}`, { skip }, async () => {
        const topic = `shared/${version}/${qos}`
        const common = ['-p', `${hawser.port}`, '-V', version, '-q', qos]
        // Its output is buffered by block where it is no terminal: then nobody would see that it has subscribed.
        const sub = ['-oL', 'mosquitto_sub', ...common, '-W', '30', '-d', '-t', `$share/g/${topic}`, '-F', '> %p']
        // No window of theirs is full, so that they take turns.
        if (version === 'mqttv5') sub.push('-D', 'CONNECT', 'receive-maximum', '100')
        const members = [start('stdbuf', sub), start('stdbuf', sub)]
        for (const member of members) await member.printed('Subscribed')
        const args = [...common, '-t', topic, '-l']
        const { code } = await start('mosquitto_pub', args, sent.map((line) => `${line}\n`).join('')).finished
        assert.equal(code, 0)
        await Promise.any([
          Promise.all([members[0]?.printed('> 98\n'), members[1]?.printed('> 99\n')]),
          Promise.all([members[0]?.printed('> 99\n'), members[1]?.printed('> 98\n')]),
        ])
        const got: string[] = []
        for (const member of members) {
          // A SIGTERM that meets it at work can block it for good, in the lock that its handler takes.
          member.kill('SIGKILL')
          const { stdout } = await member.finished
          const own = stdout.split('\n').flatMap((line) => (line.startsWith('> ') ? [line.slice(2)] : []))
          assert.deepEqual(own, inOrder(own), 'each in order')
          assert.equal(own.length, 50)
          got.push(...own)
        }
        assert.deepEqual(inOrder(got), sent)
      })
    }
  }

  for (const protocolVersion of [4, 5] as const) {
    it(`mqtt of npm, level ${protocolVersion}: one that vanishes leaves the rest of its share to the other`, async () => {
      const topic = `vanishing/${protocolVersion}`
      const arrived = new Set<string>()
      const all = Promise.withResolvers<void>()
      const stayer = await connect({ protocolVersion })
      stayer.on('message', (_topic, payload) => {
        arrived.add(payload.toString())
        if (arrived.size === sent.length) all.resolve()
      })
      // It acknowledges nothing: what it was given comes back whole.
      const leaver = await connect({ protocolVersion })
      leaver.handleMessage = () => undefined
      const given = new Promise((resolve) => leaver.on('packetreceive', ({ cmd }) => cmd === 'publish' && resolve(cmd)))
      for (const client of [leaver, stayer]) await client.subscribeAsync(`$share/g/${topic}`, { qos: 1 })
      const publisher = await connect({ protocolVersion })
      const published = Promise.all(sent.map((payload) => publisher.publishAsync(topic, payload, { qos: 1 })))
      await Promise.all([given, published])
      leaver.stream.destroy()
      await all.promise
      assert.deepEqual(inOrder([...arrived]), sent)
    })
  }
})
