/** From a running Debian Mosquitto with retained messages to a Hawser that has them. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { connectAsync, type IPublishPacket } from 'mqtt'
import { runHawserProcess, startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { missing } from '../support/programs.ts'
import { type Placed, placeConfiguration, startBroker } from './broker-process.ts'
import { writePasswords } from './scripts/entry.ts'

const skip = missing('mosquitto', 'apt-get install mosquitto')
const login = { username: 'ann', password: 'secret-a' }
const messages = 300

interface Kept {
  readonly payload: string
  readonly qos: number
  readonly properties: unknown
}

/** What a broker has retained: all that comes before a message that is published behind the subscription. */
async function retainedAt(port: number): Promise<ReadonlyMap<string, Kept>> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { ...login, protocolVersion: 5 })
  const found = new Map<string, Kept>()
  const { promise, resolve } = Promise.withResolvers<void>()
  client.on('message', (topic, payload, packet: IPublishPacket) => {
    if (topic === 'end') return resolve()
    const { subscriptionIdentifier: _, topicAlias: __, ...properties } = packet.properties ?? {}
    found.set(topic, { payload: payload.toString(), qos: packet.qos, properties })
  })
  await client.subscribeAsync('#', { qos: 0 })
  await client.publishAsync('end', '', { qos: 0 })
  await promise
  await client.unsubscribeAsync('#')
  // By its topic each message comes at the QoS at which it is kept.
  const topics = [...found.keys()]
  found.clear()
  for (let from = 0; from < topics.length; from += 10) {
    await client.subscribeAsync(topics.slice(from, from + 10), { qos: 2 })
    await client.subscribeAsync(`end`, { qos: 2 })
    await client.unsubscribeAsync(topics.slice(from, from + 10))
  }
  await client.endAsync()
  return found
}

describe('hawser migrate mosquitto', { skip }, () => {
  const resources = new AsyncDisposableStack()
  let placed: Placed
  let url: string

  before(async () => {
    placed = resources.use(await placeConfiguration('migrated'))
    await writePasswords(placed)
    const mosquitto = await startBroker('mosquitto', placed.file)
    resources.defer(() => mosquitto.stop())
    url = `mqtt://127.0.0.1:${placed.ports[0]}`
    const writer = await connectAsync(url, { ...login, protocolVersion: 5 })
    for (let index = 0; index < messages; index++) {
      const qos = (index % 3) as 0 | 1 | 2
      const properties = { contentType: 'text/plain', userProperties: { number: `${index}` } }
      await writer.publishAsync(`kept/${index}`, `value ${index}`, { qos, retain: true, properties })
    }
    await writer.publishAsync('kept/0', '', { qos: 1, retain: true })
    await writer.publishAsync('passing', 'not retained', { qos: 1 })
    await writer.endAsync()
  })
  after(() => resources.disposeAsync())

  const migrate = (...args: readonly string[]) =>
    runHawserProcess(['migrate', 'mosquitto', '--conf', placed.file, ...args])

  it('writes a configuration that starts, with every retained message as it was', async () => {
    const out = `${placed.folder}/hawser.yaml`
    const dataDir = `${placed.folder}/data`
    const args = ['--out', out, '--data-dir', dataDir, '--from', url, '-u', login.username, '-P', login.password]
    const { code, stdout, stderr } = await migrate(...args)
    assert.equal(code, 0, stderr)
    assert.match(stdout, new RegExp(`${messages - 1} retained messages fetched from ${url}`))
    assert.match(stdout, /sessions stay behind/)
    const there = await retainedAt(placed.ports[0] ?? 0)
    assert.equal(there.size, messages - 1)
    // On a port of its own: the other one is still running.
    const text = await readFile(out, 'utf8')
    await writeFile(out, text.replace(`port: ${placed.ports[0]}`, `port: ${placed.ports[1]}`))
    await using hawser = startHawser(['broker', '--config', out])
    await hawser.prints(/hawser broker ready/)
    assert.deepEqual(await retainedAt(placed.ports[1] ?? 0), there)
  })

  it('leaves a file that is there as it is', async () => {
    const out = `${placed.folder}/mine.yaml`
    await writeFile(out, 'data_dir: mine\n')
    const { code, stderr } = await migrate('--out', out)
    assert.equal(code, 2)
    assert.match(stderr, /mine\.yaml is there already; give another --out/)
    assert.equal(await readFile(out, 'utf8'), 'data_dir: mine\n')
  })

  it('writes nothing where the broker does not answer, and says what was left behind where it was not asked', async () => {
    const out = `${placed.folder}/other.yaml`
    const refused = await migrate('--out', out, '--data-dir', `${placed.folder}/other`, '--from', url)
    assert.equal(refused.code, 8)
    assert.equal(existsSync(out), false)
    const { code, stdout } = await migrate('--out', out)
    assert.equal(code, 0)
    assert.match(stdout, /retained messages stay behind: --from/)
  })

  it('needs a running Hawser where nothing would be kept', async () => {
    await using memory = await placeConfiguration('memory')
    const out = `${memory.folder}/hawser.yaml`
    const args = [
      'migrate',
      'mosquitto',
      '--conf',
      memory.file,
      '--out',
      out,
      '--from',
      url,
      '-u',
      'ann',
      '-P',
      'secret-a',
    ]
    const { code, stderr } = await runHawserProcess(args)
    assert.equal(code, 2)
    assert.match(stderr, /with persistence false nothing is kept.*--to mqtt:/)
  })
})
