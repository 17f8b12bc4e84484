/** What takes more than one command: sessions that are resumed, retained messages, JSON of every shape. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Broker, skipReason, startBroker } from './broker.ts'
import { jsonPayloads } from './json-payloads.ts'
import { type ClientName, complaintLines, ours, placed, type Side, theirs } from './sides.ts'

interface Step {
  readonly client: ClientName
  readonly args: readonly string[]
}

const sub = (...args: string[]): Step => ({ client: 'sub', args })
const pub = (...args: string[]): Step => ({ client: 'pub', args })

const session = ['-i', '{side}-session', '-c', '-q', '2', '-t', '{side}/s']
const leaving = ['-i', '{side}-leaving', '-c', '-q', '2', '-t', '{side}/stays']
const session5 = ['-i', '{side}-session5', '-V', '5', '-x', '60', '-q', '1', '-t', '{side}/s5']

const sequences: Readonly<Record<string, readonly Step[]>> = {
  'a session is resumed': [
    sub(...session, '-E'),
    pub('-t', '{side}/s', '-m', 'one', '-q', '1'),
    pub('-t', '{side}/s', '-m', 'two', '-q', '2'),
    pub('-t', '{side}/s', '-m', 'three', '-q', '2'),
    sub(...session, '-C', '3', '-v'),
    sub(...session, '-W', '1'),
  ],
  'a session of MQTT 5 outlives its connection, and ends by a DISCONNECT': [
    sub(...session5, '-c', '-E'),
    pub('-t', '{side}/s5', '-m', 'one', '-q', '1'),
    sub(...session5, '-c', '-C', '1'),
    sub(...session5, '-c', '-E', '-D', 'disconnect', 'session-expiry-interval', '0'),
    pub('-t', '{side}/s5', '-m', 'lost', '-q', '1'),
    sub(...session5, '-c', '-W', '1'),
  ],
  'an unsubscription outlives the connection': [
    sub(...leaving, '-t', '{side}/gone', '-U', '{side}/gone', '-W', '1'),
    pub('-t', '{side}/gone', '-m', 'x', '-q', '1'),
    pub('-t', '{side}/stays', '-m', 'y', '-q', '1'),
    sub(...leaving, '-v', '-C', '1'),
  ],
  'retained messages: first, only, hidden, removed': [
    pub('-t', '{side}/r/1', '-m', 'one', '-r'),
    pub('-t', '{side}/r/2', '-m', 'two', '-r'),
    pub('-t', '{side}/r/spared', '-m', 'spared', '-r'),
    sub('-t', '{side}/r/#', '-v', '-C', '3', '-F', '%t %r %p'),
    sub('-t', '{side}/r/#', '-v', '-R', '-W', '1'),
    sub('-t', '{side}/r/#', '-v', '-R', '-W', '1', '-V', '5'),
    sub('-t', '{side}/r/#', '-v', '--retained-only', '-W', '1'),
    sub('-t', '{side}/r/#', '-T', '{side}/r/spared', '-v', '--remove-retained', '-W', '1'),
    sub('-t', '{side}/r/#', '-v', '-W', '1'),
  ],
}

describe('sequences of pub and sub end as with Mosquitto', { skip: skipReason, concurrency: true }, () => {
  let broker: Broker
  before(async () => {
    broker = await startBroker()
  })
  after(() => broker[Symbol.asyncDispose]())

  for (const [name, steps] of Object.entries(sequences)) {
    it(name, async () => {
      const [expected, actual] = await Promise.all([theirs, ours].map((side) => outcomes(side, steps, broker)))
      assert.deepEqual(actual, expected)
      assert.ok(expected?.some(({ stdout }) => stdout !== ''))
    })
  }

  for (const args of [
    ['-F', '%J'],
    ['-F', '%J', '--pretty'],
    ['-F', '%j'],
    ['-F', '%j', '--pretty'],
  ]) {
    it(`sub ${args.join(' ')} of JSON in every shape`, async () => {
      const topic = args.join('')
      const [expected, actual] = await Promise.all([theirs, ours].map((side) => printed(side, topic, args)))
      assert.deepEqual(actual, expected)
      assert.ok((expected?.lines.length ?? 0) >= jsonPayloads.length)
    })
  }

  // Mosquitto's client may hang up so fast that its last acknowledgement is lost with it: no comparison then.
  for (const version of [
    ['-q', '1'],
    ['-q', '2', '-V', '5', '-x', '60'],
  ]) {
    it(`a session is read message by message, each once: sub ${version.join(' ')}`, async () => {
      const name = `single${version.length}`
      const single = ['-i', name, '-c', '-t', name, ...version]
      const steps = [
        sub(...single, '-E'),
        ...['one', 'two', 'three', 'four'].map((text) => pub('-t', name, '-m', text, '-q', '2')),
        ...['1', '1', '2'].map((count) => sub(...single, '-C', count)),
        sub(...single, '-W', '1'),
      ]
      const results = await outcomes(ours, steps, broker)
      assert.equal(results.map(({ stdout }) => stdout).join(''), 'one\ntwo\nthree\nfour\n')
    })
  }

  const printed = async (side: Side, name: string, args: readonly string[]) => {
    const topic = `${side.name}/${name.replaceAll('%', '')}`
    const count = `${jsonPayloads.length}`
    const running = side.run('sub', ['-p', broker.places.PORT, '-i', topic, '-t', topic, '-C', count, ...args])
    await broker.subscribed(topic)
    await theirs.run('pub', ['-p', broker.places.PORT, '-t', topic, '-l'], jsonPayloads.join('\n'))
    const { code, stdout, stderr } = await running
    const lines = stdout
      .replaceAll(side.name, '')
      .replace(/("tst":\s*")[^"]*/g, '$1')
      .split('\n')
    return { code, lines, complaints: complaintLines(stderr.replaceAll(side.name, '')) }
  }
})

async function outcomes(side: Side, steps: readonly Step[], broker: Broker) {
  const results: { code: number | null; stdout: string; complaints: readonly string[] }[] = []
  for (const { client, args } of steps) {
    const { code, stdout, stderr } = await side.run(client, [
      '-p',
      broker.places.PORT,
      ...placed(args, broker.places, side),
    ])
    results.push({ code, stdout: stdout.replaceAll(side.name, ''), complaints: complaintLines(stderr) })
  }
  return results
}
